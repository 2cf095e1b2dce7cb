// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.Meter;
import dev.hutch.internal.stdio.StreamLoop;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A command from start to end in the calling thread, its streams served there. */
final class Running {
    /**
     * A command that runs.
     *
     * @param meter of its output
     * @param container readable when it has ended; closed when the command has been served
     */
    record Live(LiveChild child, Meter meter, int container) {}

    /** A run there. */
    interface Run {
        SandboxResult in(Place place) throws IOException, InterruptedException;
    }

    /** Looks after a command while it runs. */
    interface Attendant {
        /** What is written into the sandbox's standard input; null for nothing. Takes the pipe from {@code pipes}. */
        @Nullable
        Feed feed(Pipes pipes) throws IOException;

        /** The command runs. */
        default void started(Live live) throws IOException {}

        /** The command has ended, or is about to be. */
        default void ended() {}
    }

    private Running() {}

    static SandboxResult run(Place place, Command command) throws IOException, InterruptedException {
        return withFiles(place, command, inside -> runCommand(inside, command));
    }

    /** Puts the command's files in before the run, and fetches what it left after. */
    static SandboxResult withFiles(Place place, Command command, Run run) throws IOException, InterruptedException {
        if (!CallFiles.concern(command)) {
            return run.in(place);
        }
        if (place.host() != null) {
            SessionFiles files = SessionFiles.of(place, place.host(), command);
            files.putIn();
            return files.collect(run.in(place));
        }
        try (CallFiles files = CallFiles.open(place.hutch(), place.spec(), command)) {
            return files.collect(run.in(place.with(files.spec())));
        }
    }

    private static SandboxResult runCommand(Place place, Command command) throws IOException, InterruptedException {
        Hutch hutch = place.hutch();
        SandboxSpec spec = place.spec();
        if (command.stdin() instanceof Stdio.Source source) {
            try (Pipes pipes = Pipes.open(hutch, spec, Stdio.PIPE, command.mergeError());
                    SourceFeeding feeding = new SourceFeeding(hutch, source.stream())) {
                return feeding.check(run(place, command, pipes, feeding));
            }
        }
        byte[] input = command.input();
        boolean feeds = command.stdin() instanceof Stdio.Pipe && input.length > 0;
        Stdio stdin = command.stdin() instanceof Stdio.Pipe && !feeds ? Stdio.DISCARD : command.stdin();
        try (Pipes pipes = Pipes.of(hutch, spec, command, stdin)) {
            Kernel kernel = place.kernel();
            if (pipes.isTerminal()) {
                return run(place, command, pipes, open -> Feed.ofTyped(kernel, open.takeInput(), input));
            }
            return run(place, command, pipes, open -> feeds ? Feed.of(kernel, open.takeInput(), input) : null);
        }
    }

    static SandboxResult run(Place place, Command command, Pipes pipes, Attendant attendant)
            throws IOException, InterruptedException {
        Kernel kernel = place.kernel();
        try (Outputs outputs = Outputs.open(place.hutch(), place.spec(), command)) {
            Started started = place.start(command, pipes);
            LiveChild child = started.child();
            int container = child.takeWatch();
            try (Feed feed = feed(pipes, attendant)) {
                Meter meter = started.meter();
                attendant.started(new Live(child, meter, container));
                StreamLoop loop = new StreamLoop(
                        kernel, container, pipes.output(), pipes.error(), outputs.out(), outputs.err(), feed, meter);
                loop.whenUnwanted(stream -> pipes.hangUp(stream + 1));
                loop.run();
                outputs.ended();
                SandboxResult result = started.result(
                        outputs.captured(0, loop.stdoutBytes()), outputs.captured(1, loop.stderrBytes()));
                // Under a budget too: else the caller's next run may find no room, by this one.
                if (CallFiles.concern(command) || place.isCounted()) {
                    started.awaitGone();
                }
                return result;
            } catch (Throwable e) {
                endAfter(e, started);
                throw e;
            } finally {
                attendant.ended();
                kernel.close(container);
            }
        }
    }

    /** An error too, such as a listener's failed assertion, leaves no container behind. */
    private static void endAfter(Throwable failure, Started started) {
        try {
            started.destroyAndWait();
        } catch (SandboxException e) {
            failure.addSuppressed(e);
        }
    }

    /** A file of the caller's, or what the attendant has. */
    private static @Nullable Feed feed(Pipes pipes, Attendant attendant) throws IOException {
        Feed file = pipes.fileFeed();
        return file == null ? attendant.feed(pipes) : file;
    }
}
