// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.RawTerminal;
import dev.hutch.internal.stdio.Signals;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command as a shell's foreground job: it has this process's standard streams, and the signals that this process
 * gets (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT) go to it. Output passes through pipes and is
 * counted. A terminal never crosses into the sandbox: in place of one the command reads the null device; a pipe that is
 * filled from the terminal, where interactive; or, with {@code terminal}, has a pseudo-terminal of its own, to which the
 * caller's terminal is joined in raw mode and whose window size follows.
 *
 * <p>Signal handlers belong to a whole process, so one command at a time can run this way, and they stay afterwards. The
 * JVM must be started with {@code -Xrs}, or it keeps SIGQUIT and others for itself. Immutable.
 *
 * @param interactive whether a terminal's input is passed on
 * @param terminal whether the command gets a terminal of its own
 * @param grace how long after a SIGINT a second one is passed on; a later one ends the container
 * @since 0.1
 */
public record Foreground(boolean interactive, boolean terminal, Duration grace) {
    private static final int STDIN = 0;

    /**
     * Runs the command to its end. Streams that the command leaves at {@link Stdio#PIPE} are inherited.
     *
     * @throws dev.hutch.spec.SandboxException if it could not be started
     * @throws InterruptedException if the thread is interrupted; the container is ended and removed first
     */
    public SandboxResult run(Sandbox sandbox, Command command) throws IOException, InterruptedException {
        if (command.stdin() instanceof Stdio.Source) {
            throw new IllegalArgumentException("a command in the foreground has this process's input: no Java stream");
        }
        if (command.terminal().isPresent()) {
            throw new IllegalArgumentException(
                    "a command in the foreground has its terminal by the terminal of Foreground");
        }
        if (CallFiles.concern(command)) {
            throw new IllegalArgumentException("files are put in and collected by Sandbox.run");
        }
        Hutch hutch = sandbox.context();
        Kernel kernel = hutch.kernel();
        ForegroundJob job = new ForegroundJob(kernel, grace);
        Signals.take(kernel, job::signal);
        try (Place place = Place.ofItsOwn(hutch, sandbox.spec());
                Pipes pipes = pipes(hutch, sandbox.spec(), command)) {
            try (RawTerminal raw = raw(kernel)) {
                job.join(terminal ? pipes.output() : -1, raw);
                return Running.run(place, inherited(command), pipes, attendant(kernel, job));
            }
        } finally {
            Signals.leave(kernel);
        }
    }

    private Pipes pipes(Hutch hutch, SandboxSpec spec, Command command) throws IOException {
        Kernel kernel = hutch.kernel();
        if (terminal) {
            return Pipes.terminal(kernel);
        }
        Stdio stdin = inherit(command.stdin());
        boolean pumped = interactive && stdin instanceof Stdio.Inherit && kernel.isTerminal(STDIN);
        return Pipes.open(hutch, spec, pumped ? Stdio.PIPE : stdin, command.mergeError());
    }

    private @Nullable RawTerminal raw(Kernel kernel) throws KernelException {
        return terminal && kernel.isTerminal(STDIN) ? new RawTerminal(kernel, STDIN) : null;
    }

    private static Command inherited(Command command) {
        return command.toBuilder()
                .stdin(inherit(command.stdin()))
                .stdout(inherit(command.stdout()))
                .stderr(inherit(command.stderr()))
                .build();
    }

    private static Stdio inherit(Stdio stdio) {
        return stdio instanceof Stdio.Pipe ? Stdio.INHERIT : stdio;
    }

    private Running.Attendant attendant(Kernel kernel, ForegroundJob job) {
        return new Running.Attendant() {
            @Override
            public @Nullable Feed feed(Pipes pipes) throws IOException {
                int pipe = pipes.takeInput();
                if (pipe < 0) {
                    return null;
                }
                return terminal ? Feed.intoTerminal(kernel, pipe, STDIN) : Feed.from(kernel, pipe, STDIN);
            }

            @Override
            public void started(Running.Live live) {
                job.started(live.child());
            }

            @Override
            public void ended() {
                job.ended();
            }
        };
    }
}
