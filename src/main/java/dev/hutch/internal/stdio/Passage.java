// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One way between two sandboxes: what the speaker writes is read, counted, heard by a sink and written to the listener. It
 * ends as a pipe does: a speaker that has no more gives the listener its end of file, a listener that reads no more gives
 * the speaker SIGPIPE. Owns both descriptors, which are non-blocking.
 */
public final class Passage implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    /** More than its pipe can hold is no longer from the speaker: somebody it gave that to goes on writing. */
    private static final long MOST_AFTER_END = 4 << 20;

    private final Kernel kernel;
    private final Sink tee;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private int source;
    private int target;
    private int at;
    private int end;
    private boolean speakerOver;
    private long count;
    private long countAtEnd;

    /**
     * @param source what the speaker writes
     * @param target what the listener reads
     * @param tee hears all that is passed on
     */
    public Passage(Kernel kernel, int source, int target, Sink tee) {
        this.kernel = kernel;
        this.source = source;
        this.target = target;
        this.tee = tee;
    }

    boolean isOpen() {
        return source >= 0;
    }

    /** The descriptor to wait for: the listener's with bytes at hand, the speaker's without; -1 when it has ended. */
    int waitsFor() {
        return holds() ? target : source;
    }

    boolean holds() {
        return at < end;
    }

    /** Ready only when the listener has closed its input: waits for nothing that can be read. */
    int hangUp() {
        return holds() ? -1 : target;
    }

    /** Whether it goes on without waiting: what an ended speaker left is in the pipe, or nothing is. */
    boolean isUrgent() {
        return isOpen() && speakerOver && !holds();
    }

    /** How many bytes the speaker wrote. */
    public long count() {
        return count;
    }

    /** Moves once what can be moved now. */
    void advance(Meter meter) throws IOException {
        if (isOpen() && !holds()) {
            take(meter);
        }
        if (isOpen() && holds()) {
            give();
        }
    }

    private void take(Meter meter) throws IOException {
        int n = kernel.read(source, buffer, BUFFER);
        if (n == Kernel.WOULD_BLOCK && !speakerOver) {
            return;
        }
        int admitted = n > 0 ? meter.admit(n) : 0;
        count += Math.max(0, n);
        at = 0;
        end = admitted;
        if (admitted == 0 || (speakerOver && count - countAtEnd > MOST_AFTER_END)) {
            close();
        } else {
            tee.accept(buffer, admitted);
        }
    }

    private void give() throws KernelException {
        try {
            int n = kernel.write(target, buffer, at, end - at);
            at += n == Kernel.WOULD_BLOCK ? 0 : n;
        } catch (KernelException e) {
            if (!e.is(Errno.EPIPE)) {
                throw e;
            }
            close();
        }
    }

    void speakerEnded() {
        speakerOver = true;
        countAtEnd = count;
    }

    @Override
    public void close() {
        if (isOpen()) {
            kernel.close(source);
            kernel.close(target);
            source = -1;
            target = -1;
            at = end;
        }
    }
}
