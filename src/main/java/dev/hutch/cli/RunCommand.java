// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Foreground;
import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code hutch run}: one command in one sandbox, in the foreground. */
final class RunCommand {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final RunRequest request = new RunRequest();
    private final WarmUp warmUp;
    private boolean help;

    RunCommand(WarmUp warmUp) {
        this.warmUp = warmUp;
    }

    private Arguments arguments() {
        return Arguments.of("hutch run", RunOptions.of(request), rest -> request.arguments = rest, () -> help = true);
    }

    picocli.CommandLine.Model.CommandSpec spec() {
        return arguments().spec();
    }

    int run(List<String> words, Console console) throws UsageException, IOException, InterruptedException {
        try {
            return begin(words, console);
        } catch (SandboxException e) {
            report(e);
            throw e;
        } catch (UsageException e) {
            report(new SandboxException("command line", "", null, String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private int begin(List<String> words, Console console) throws UsageException, IOException, InterruptedException {
        arguments().parse(words);
        if (help) {
            console.print(Help.run(RunOptions.of(request)));
            return ExitStatus.OK;
        }
        if (!request.moveIntoLeaf) {
            return act(console);
        }
        Hutch context = Hutch.builder().moveIntoLeaf(true).build();
        try {
            request.sandbox.context(context);
            return act(console);
        } finally {
            close(context, console);
        }
    }

    /** The command's status stands whatever that meets. */
    private static void close(Hutch context, Console console) {
        try {
            context.close();
        } catch (SandboxException e) {
            console.warn(String.valueOf(e.getMessage()));
        }
    }

    private int act(Console console) throws UsageException, IOException, InterruptedException {
        Sandbox sandbox;
        Command command;
        try {
            command = request.command();
            sandbox = sandbox();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        return request.dryRun ? plan(sandbox, command, console) : foreground(sandbox, command, console);
    }

    private Sandbox sandbox() throws InterruptedException {
        Optional<Sandbox> prepared = request.begun ? Optional.empty() : warmUp.prepared();
        return prepared.orElseGet(request::sandbox);
    }

    private void report(SandboxException refused) throws IOException {
        if (request.json != null) {
            request.json.write(ResultJson.of(refused));
        }
    }

    private static int plan(Sandbox sandbox, Command command, Console console) throws IOException {
        for (String line : sandbox.plan(command)) {
            console.print(line);
        }
        return ExitStatus.OK;
    }

    private int foreground(Sandbox sandbox, Command command, Console console) throws IOException, InterruptedException {
        SandboxResult result = new Foreground(request.interactive, request.terminal, GRACE).run(sandbox, command);
        Hints.of(result).forEach(console::warn);
        if (request.json != null) {
            request.json.write(ResultJson.of(result));
        }
        return result.exitStatus();
    }
}
