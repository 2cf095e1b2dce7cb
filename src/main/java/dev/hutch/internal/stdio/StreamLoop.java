// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Serves a sandbox's standard streams in the calling thread: feeds the input, empties both outputs into their sinks,
 * counts, and ends when both outputs have ended or the container has, whichever comes first: a descriptor that was
 * smuggled out holds nobody up. Owns none of the descriptors but the feed.
 */
public final class StreamLoop {
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final int container;
    private final int[] outputs;
    private final Sink[] sinks;
    private final @Nullable Feed feed;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final long[] counts = new long[2];
    private final long limit;
    private final Runnable overLimit;
    private IntConsumer unwanted = stream -> {};

    /**
     * @param container readable when the container has ended
     * @param stdout the pipe's read end, non-blocking
     * @param stderr the same, or -1 where it is merged
     * @param limit of bytes of both together
     * @param overLimit called once when more than that was written; the bytes beyond are not delivered
     */
    public StreamLoop(
            Kernel kernel,
            int container,
            int stdout,
            int stderr,
            Sink out,
            Sink err,
            @Nullable Feed feed,
            long limit,
            Runnable overLimit) {
        this.kernel = kernel;
        this.container = container;
        this.outputs = new int[] {stdout, stderr};
        this.sinks = new Sink[] {out, err};
        this.feed = feed;
        this.limit = limit;
        this.overLimit = overLimit;
    }

    /** Hears of an output (0 or 1) whose reader, behind its sink, has gone away: it is not read any more. */
    public void whenUnwanted(IntConsumer listener) {
        unwanted = listener;
    }

    /** Runs until the end of the outputs. An interrupt ends it with InterruptedException; the container goes on. */
    public void run() throws IOException, InterruptedException {
        while (outputs[0] >= 0 || outputs[1] >= 0) {
            if (Thread.interrupted()) {
                throw new InterruptedException("while a sandbox was running");
            }
            int input = feed == null ? -1 : feed.waitsFor();
            boolean toWrite = feed != null && feed.waitsToWrite();
            int ready = kernel.poll(INTERRUPT_CHECK_MILLIS, toWrite ? 8 : 0, outputs[0], outputs[1], container, input);
            if ((ready & 8) != 0 && feed != null) {
                feed.advance();
            }
            boolean moved = false;
            for (int i = 0; i < 2; i++) {
                moved |= (ready >> i & 1) != 0 && drain(i);
            }
            if ((ready & 4) != 0 && !moved) {
                return;
            }
        }
    }

    /** A thread that is interrupted while poll(2) waits is seen after this long at most. */
    private static final int INTERRUPT_CHECK_MILLIS = 100;

    /** Reads once: whether there was something. */
    private boolean drain(int i) throws IOException {
        int n = read(outputs[i]);
        if (n == Kernel.WOULD_BLOCK) {
            return false;
        }
        if (n == 0) {
            outputs[i] = -1;
            return false;
        }
        long before = counts[0] + counts[1];
        counts[i] += n;
        int deliver = (int) Math.max(0, Math.min(n, limit - before));
        if (deliver > 0) {
            deliver(i, deliver);
        }
        if (before <= limit && before + n > limit) {
            overLimit.run();
        }
        return true;
    }

    private void deliver(int i, int length) throws IOException {
        try {
            sinks[i].accept(buffer, length);
        } catch (KernelException e) {
            if (!e.is(Errno.EPIPE)) {
                throw e;
            }
            outputs[i] = -1;
            unwanted.accept(i);
        }
    }

    /** A pseudo-terminal whose other end is closed answers EIO: its end of file. */
    private int read(int fd) throws KernelException {
        try {
            return kernel.read(fd, buffer, BUFFER);
        } catch (KernelException e) {
            if (e.is(Errno.EIO)) {
                return 0;
            }
            throw e;
        }
    }

    public long stdoutBytes() {
        return counts[0];
    }

    public long stderrBytes() {
        return counts[1];
    }
}
