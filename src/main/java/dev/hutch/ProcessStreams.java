// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.Meter;
import dev.hutch.internal.stdio.PipeInput;
import dev.hutch.internal.stdio.PipeOutput;
import dev.hutch.internal.stdio.Sink;
import dev.hutch.internal.stdio.StreamLoop;
import dev.hutch.internal.stdio.Window;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a started process. Pipes are the caller's, read and written in its own threads; what goes elsewhere
 * passes through pipes too, to be counted, and one thread a process serves it, which ends with the container.
 *
 * @param window of the terminal, where it is one
 * @param served completes with the bytes that the thread took of both outputs, once all is delivered
 */
record ProcessStreams(
        PipeOutput stdin,
        PipeInput stdout,
        PipeInput stderr,
        @Nullable Window window,
        CompletableFuture<long[]> served) {
    private static final int NONE = -1;

    /** Takes what it needs of the pipes; the outputs are its own. */
    static ProcessStreams of(Started started, Command command, Pipes pipes, Outputs outputs) {
        Kernel kernel = started.hutch().kernel();
        Meter meter = started.meter();
        CompletableFuture<?> end = started.child().ended();
        boolean pipedOut = command.stdout() instanceof Stdio.Pipe;
        boolean pipedError = command.stderr() instanceof Stdio.Pipe || command.mergeError();
        PipeInput out = new PipeInput(kernel, pipedOut ? pipes.take(1) : NONE, end, meter);
        PipeInput err = new PipeInput(kernel, pipedError ? pipes.take(2) : NONE, end, meter);
        byte[] bytes = command.input();
        Feed feed = command.stdin() instanceof Stdio.Pipe && bytes.length > 0
                ? bytesFeed(kernel, pipes, bytes)
                : pipes.fileFeed();
        int[] fds = {pipes.take(1), pipes.take(2)};
        Serving serving =
                new Serving(started, outputs, feed, fds, started.child().takeWatch());
        PipeOutput in = new PipeOutput(kernel, pipes.takeInput(), end, pipes.isTerminal());
        if (feed != null || !(command.stdin() instanceof Stdio.Pipe)) {
            in.close();
        }
        return new ProcessStreams(in, out, err, pipes.takeWindow(kernel), serving.begin(meter));
    }

    private static Feed bytesFeed(Kernel kernel, Pipes pipes, byte[] bytes) {
        int input = pipes.takeInput();
        return pipes.isTerminal() ? Feed.ofTyped(kernel, input, bytes) : Feed.of(kernel, input, bytes);
    }

    /** The outputs that go elsewhere and the input that is at hand. Owns their descriptors. */
    private record Serving(
            Started started, Outputs outputs, @Nullable Feed feed, int[] fds, int watch) {
        CompletableFuture<long[]> begin(Meter meter) {
            if (feed == null && fds[0] < 0 && fds[1] < 0) {
                close();
                return CompletableFuture.completedFuture(new long[2]);
            }
            Sink out = outputs.out();
            Sink err = outputs.err();
            StreamLoop loop = new StreamLoop(kernel(), watch, fds[0], fds[1], out, err, feed, meter);
            loop.whenUnwanted(this::hangUp);
            CompletableFuture<long[]> served = new CompletableFuture<>();
            new Daemon("hutch-streams-" + started.child().pid())
                    .newThread(() -> run(loop, served))
                    .start();
            return served;
        }

        /** Output that can't be delivered ends the container, as it does for {@code run}. */
        private void run(StreamLoop loop, CompletableFuture<long[]> served) {
            Throwable failure = null;
            try {
                loop.run();
            } catch (IOException | InterruptedException | RuntimeException e) {
                failure = e;
                endAfter(e);
            }
            close();
            if (failure == null) {
                served.complete(new long[] {loop.stdoutBytes(), loop.stderrBytes()});
            } else {
                served.completeExceptionally(failure);
            }
        }

        private void endAfter(Exception failure) {
            try {
                started.end(LiveChild.Ending.DESTROYED);
            } catch (SandboxException e) {
                failure.addSuppressed(e);
            }
        }

        private void hangUp(int stream) {
            if (fds[stream] >= 0) {
                kernel().close(fds[stream]);
                fds[stream] = NONE;
            }
        }

        private Kernel kernel() {
            return started.hutch().kernel();
        }

        void close() {
            if (feed != null) {
                feed.close();
            }
            hangUp(0);
            hangUp(1);
            kernel().close(watch);
            outputs.close();
        }
    }
}
