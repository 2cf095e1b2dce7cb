// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.stdio.Capture;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.Sink;
import dev.hutch.internal.stdio.StreamLoop;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A command from start to end in the calling thread, its output captured. */
final class Running {
    private Running() {}

    static SandboxResult run(Hutch hutch, SandboxSpec spec, Command command) throws IOException, InterruptedException {
        Kernel kernel = hutch.kernel();
        Capture out = new Capture(command.capture().bytes());
        Capture err = new Capture(command.capture().bytes());
        byte[] input = command.input();
        try (Pipes pipes = Pipes.open(kernel, input.length > 0, command.mergeError())) {
            Started started = Started.launch(hutch, spec, command, pipes);
            LiveChild child = started.child();
            int container = child.takeWatch();
            try (Feed feed = input.length > 0 ? Feed.of(kernel, pipes.takeInput(), input) : null) {
                serve(kernel, child, container, pipes, out, err, feed);
                return started.result(out.captured(), err.captured());
            } catch (InterruptedException | IOException | RuntimeException e) {
                started.destroyAndWait();
                throw e;
            } finally {
                kernel.close(container);
            }
        }
    }

    private static void serve(
            Kernel kernel, LiveChild child, int container, Pipes pipes, Sink out, Sink err, @Nullable Feed feed)
            throws IOException, InterruptedException {
        long limit = child.spec().outputLimit() == null
                ? Long.MAX_VALUE
                : child.spec().outputLimit().bytes();
        new StreamLoop(kernel, container, pipes.output(), pipes.error(), out, err, feed, limit, () -> overLimit(child))
                .run();
    }

    static void overLimit(LiveChild child) {
        try {
            child.end(LiveChild.Ending.OUTPUT_LIMIT);
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }
}
