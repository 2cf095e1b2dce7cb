// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A sandbox's standard input, unbuffered. Owns the pipe's write end. Writes exclude one another; close may come at any
 * time, and ends a write that waits.
 */
public final class PipeOutput extends OutputStream {
    private static final int BUFFER = 16 * 1024;

    private final Kernel kernel;
    private final int fd;
    private final Descriptor descriptor;
    private final boolean terminal;
    private final Lock writing = new ReentrantLock();
    private byte last = '\n';
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    /**
     * @param fd non-blocking, or -1 for a stream that nobody reads
     * @param container completes, in whatever way, when nobody in the sandbox can read any more
     * @param terminal whether it is the keyboard of a pseudo-terminal, which has its end typed
     */
    public PipeOutput(Kernel kernel, int fd, CompletionStage<?> container, boolean terminal) {
        this.kernel = kernel;
        this.terminal = terminal && fd >= 0;
        this.fd = fd;
        this.descriptor = new Descriptor(kernel, fd);
        if (fd >= 0) {
            Descriptor last = descriptor;
            container.whenComplete((end, failure) -> last.end());
        }
    }

    /** What closes all that it holds, and doesn't hold the stream itself. */
    public Runnable release() {
        return descriptor::close;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        writing.lock();
        try {
            descriptor.use();
            try {
                put(from, offset, length);
            } finally {
                descriptor.leave();
            }
        } finally {
            writing.unlock();
        }
    }

    private void put(byte[] from, int offset, int length) throws IOException {
        if (buffer.capacity() == 0) {
            buffer = ByteBuffer.allocateDirect(BUFFER);
        }
        for (int at = 0; at < length; ) {
            int n = Math.min(BUFFER, length - at);
            buffer.put(0, from, offset + at, n);
            for (int written = 0; written < n; ) {
                int moved = kernel.write(fd, buffer, written, n - written);
                if (moved != Kernel.WOULD_BLOCK) {
                    written += moved;
                } else if (!descriptor.await(true)) {
                    throw new KernelException("write", "standard input", Errno.EPIPE.number());
                }
            }
            at += n;
        }
        last = length == 0 ? last : from[offset + length - 1];
    }

    @Override
    public void close() {
        if (terminal && writing.tryLock()) {
            try {
                typeEnd();
            } finally {
                writing.unlock();
            }
        }
        descriptor.close();
    }

    /** Nobody hears of it where the program has ended, or somebody closed it before. */
    private void typeEnd() {
        try {
            write(Keyboard.end(last));
        } catch (IOException e) {
            descriptor.close();
        }
    }
}
