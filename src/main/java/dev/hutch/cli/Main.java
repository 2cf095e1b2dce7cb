// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.util.List;

/** The command line's entry: finds the command and gives its exit status to the shell. */
public final class Main {
    /** A command line that is carried out as well, at the end: a class archive that is made there has what it needs. */
    private static final String REHEARSAL = "hutch.rehearsal";

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        WarmUp warmUp = new WarmUp();
        if (arguments.length > 1 && arguments[0].equals("run")) {
            // Nothing is prepared for a second launch: there will be none.
            System.setProperty("hutch.stock", "0");
            warmUp.begin(List.of(arguments).subList(1, arguments.length));
        }
        int status = run(List.of(arguments), new Console(System.out, System.err), warmUp);
        warmUp.join();
        String rehearsal = System.getProperty(REHEARSAL);
        if (rehearsal != null) {
            run(List.of(rehearsal.split(" ")), new Console(System.out, System.err));
        }
        System.exit(status);
    }

    static int run(List<String> arguments, Console console) {
        return run(arguments, console, new WarmUp());
    }

    private static int run(List<String> arguments, Console console, WarmUp warmUp) {
        try {
            return dispatch(arguments, console, warmUp);
        } catch (UsageException e) {
            console.warn(String.valueOf(e.getMessage()));
            return ExitStatus.HUTCH_FAILED;
        } catch (SandboxException e) {
            console.warn(String.valueOf(e.getMessage()));
            return ExitStatus.of(e);
        } catch (IOException e) {
            console.warn(Failures.reason(e));
            return ExitStatus.HUTCH_FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            console.warn("interrupted");
            return ExitStatus.HUTCH_FAILED;
        } catch (UnsatisfiedLinkError e) {
            console.warn(String.valueOf(e.getMessage()));
            return ExitStatus.HUTCH_FAILED;
        }
    }

    private static int dispatch(List<String> arguments, Console console, WarmUp warmUp)
            throws UsageException, IOException, InterruptedException {
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        return switch (command) {
            case "run" -> new RunCommand(warmUp).run(rest, console);
            case "doctor" -> new DoctorCommand().run(rest, console);
            case "network" -> new NetworkCommand().run(rest, console);
            case "completion" -> new CompletionCommand().run(rest, console);
            case "--version", "-V", "version" -> print("hutch " + version(), console);
            case "--help", "-h", "help" -> print(Help.all(), console);
            case "" ->
                throw new UsageException("what shall run? hutch run -- COMMAND [ARGS...]; hutch --help tells more");
            default ->
                throw new UsageException(
                        "unknown command '" + command + "': there are run, network, doctor and completion");
        };
    }

    private static int print(String text, Console console) throws IOException {
        console.print(text);
        return ExitStatus.OK;
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(built in place)" : version;
    }
}
