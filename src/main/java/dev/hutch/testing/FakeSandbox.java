// SPDX-License-Identifier: Apache-2.0
package dev.hutch.testing;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxRunner;
import dev.hutch.spec.Account;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sandboxes whose programs are lambdas. Nothing runs, no file is read or written by redirects, no native code is loaded.
 *
 * <pre>{@code
 * FakeSandbox fake = FakeSandbox.answering(command -> FakeSandbox.exited(0, "42\n"));
 * assertEquals(42, new Calculator(fake.sandbox()).evaluate("6 * 7"));
 * assertEquals(List.of("bc"), fake.commands().get(0).arguments());
 * }</pre>
 *
 * <p>{@link dev.hutch.SandboxRunner} is the seam, which a mock can stand in for as well. Thread-safe where its program is.
 *
 * @since 0.1
 */
public final class FakeSandbox implements SandboxRunner {
    /** What a command does: its result, or {@link SandboxException} for a start that is refused. */
    @FunctionalInterface
    public interface Program {
        /**
         * Its result.
         *
         * @throws SandboxException for a start that is refused
         */
        SandboxResult answer(Command command) throws IOException;
    }

    /**
     * One command that was run or started.
     *
     * @param spec the walls that it was to run in
     * @param command as it was given
     */
    public record Launch(SandboxSpec spec, Command command) {}

    private enum Ends {
        AT_ONCE,
        AFTER_INPUT,
        NEVER
    }

    private final Program program;
    private final Ends ends;
    private final List<Launch> launches = new CopyOnWriteArrayList<>();

    private FakeSandbox(Program program, Ends ends) {
        this.program = program;
        this.ends = ends;
    }

    /** Programs that don't look at what is written to them: a started one has ended when {@code start} returns. */
    public static FakeSandbox answering(Program program) {
        return new FakeSandbox(program, Ends.AT_ONCE);
    }

    /**
     * Programs that read their input to its end, as {@code cat} does: a started one is alive until its standard input is
     * closed, and is then asked with what was written as the command's input.
     */
    public static FakeSandbox reading(Program program) {
        return new FakeSandbox(program, Ends.AFTER_INPUT);
    }

    /** Programs that never end by themselves: with a wall time {@code run} answers at once that it is up. */
    public static FakeSandbox hanging() {
        return new FakeSandbox(command -> ended(new Outcome.Timeout(), "", ""), Ends.NEVER);
    }

    /** Every start is refused with this. */
    public static FakeSandbox refusing(SandboxException refusal) {
        return answering(command -> {
            throw refusal;
        });
    }

    /** A result with an exit code, 0 to 255, and standard output. */
    public static SandboxResult exited(int exitCode, String stdout) {
        return exited(exitCode, stdout, "");
    }

    /** A result with an exit code and both outputs, as UTF-8. */
    public static SandboxResult exited(int exitCode, String stdout, String stderr) {
        return ended(new Outcome.Exited(exitCode), stdout, stderr);
    }

    /** A result of any outcome; its account is of zeros, and it lists nothing as enforced. */
    public static SandboxResult ended(Outcome outcome, String stdout, String stderr) {
        Account account = Account.uncounted(Duration.ZERO);
        return new SandboxResult(outcome, account, SetupTime.NONE, captured(stdout), captured(stderr), List.of());
    }

    private static Captured captured(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Captured(bytes, bytes.length);
    }

    /** A sandbox with the defaults; {@link Sandbox.Builder#runner} gives any other to this fake. */
    public Sandbox sandbox() {
        return Sandbox.builder().runner(this).build();
    }

    /** What was run and started so far, in order, refused ones included. */
    public List<Launch> launches() {
        return List.copyOf(launches);
    }

    /** The commands of {@link #launches}. */
    public List<Command> commands() {
        return launches.stream().map(Launch::command).toList();
    }

    @Override
    public SandboxResult run(SandboxSpec spec, Command command) throws IOException, InterruptedException {
        launches.add(new Launch(spec, command));
        if (Thread.interrupted()) {
            throw new InterruptedException("while a fake sandbox was running");
        }
        if (ends == Ends.NEVER && spec.wallTimeOf(command) == null) {
            new java.util.concurrent.CountDownLatch(1).await();
        }
        return program.answer(command);
    }

    @Override
    public SandboxProcess start(SandboxSpec spec, Command command) throws IOException {
        launches.add(new Launch(spec, command));
        Duration wallTime = spec.wallTimeOf(command);
        FakeProcess process = new FakeProcess(command, program, ends == Ends.AFTER_INPUT);
        if (ends == Ends.AT_ONCE) {
            process.end(program.answer(command));
        } else if (ends == Ends.NEVER && wallTime != null) {
            process.endAfter(wallTime);
        }
        return process;
    }

    /** What one command leaves for the next is the program's affair. */
    @Override
    public boolean hasSessions() {
        return true;
    }

    @Override
    public String toString() {
        return "FakeSandbox";
    }

    static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the fake's program failed", e.getCause());
        }
    }

    static boolean await(CompletableFuture<?> future, long timeout, TimeUnit unit) throws InterruptedException {
        try {
            future.get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }
}
