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

    /** More than its pipes can hold is no longer from the container: somebody it gave one to goes on writing. */
    private static final long MOST_AFTER_END = 4 << 20;

    private final Kernel kernel;
    private final int container;
    private final int[] outputs;
    private final Sink[] sinks;
    private final @Nullable Feed feed;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final long[] counts = new long[2];
    private final Meter meter;
    private IntConsumer unwanted = stream -> {};

    /**
     * @param container readable when the container has ended
     * @param stdout the pipe's read end, non-blocking; -1 where another reads it
     * @param stderr the same, or -1 where it is merged
     * @param meter of both together, and of what others read of the same sandbox; what it doesn't admit is not delivered
     */
    public StreamLoop(
            Kernel kernel,
            int container,
            int stdout,
            int stderr,
            Sink out,
            Sink err,
            @Nullable Feed feed,
            Meter meter) {
        this.kernel = kernel;
        this.container = container;
        this.outputs = new int[] {stdout, stderr};
        this.sinks = new Sink[] {out, err};
        this.feed = feed;
        this.meter = meter;
    }

    /** Hears of an output (0 or 1) whose reader, behind its sink, has gone away: it is not read any more. */
    public void whenUnwanted(IntConsumer listener) {
        unwanted = listener;
    }

    /**
     * Runs until outputs and input have ended, or the container has. An interrupt ends it with InterruptedException; the
     * container goes on.
     */
    public void run() throws IOException, InterruptedException {
        InterruptiblePoll poll = InterruptiblePoll.make(kernel);
        try {
            long atEnd = -1;
            while (outputs[0] >= 0 || outputs[1] >= 0 || (feed != null && feed.waitsFor() >= 0)) {
                int ready = waitForOne(poll);
                boolean moved = serve(ready);
                if ((ready & 4) == 0) {
                    continue;
                }
                atEnd = atEnd < 0 ? total() : atEnd;
                if (!moved || total() - atEnd > MOST_AFTER_END) {
                    return;
                }
            }
        } finally {
            poll.dispose();
        }
    }

    private int waitForOne(InterruptiblePoll poll) throws IOException, InterruptedException {
        int input = feed == null ? -1 : feed.waitsFor();
        boolean toWrite = feed != null && feed.waitsToWrite();
        return poll.poll(toWrite ? 8 : 0, outputs[0], outputs[1], container, input);
    }

    /** Whether an output had something. */
    private boolean serve(int ready) throws IOException {
        if ((ready & 8) != 0 && feed != null) {
            feed.advance();
        }
        boolean moved = false;
        for (int i = 0; i < 2; i++) {
            moved |= (ready >> i & 1) != 0 && drain(i);
        }
        return moved;
    }

    private long total() {
        return counts[0] + counts[1];
    }

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
        counts[i] += n;
        int deliver = meter.admit(n);
        if (deliver > 0) {
            deliver(i, deliver);
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
