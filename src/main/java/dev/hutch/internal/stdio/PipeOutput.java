// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A sandbox's standard input, unbuffered. Owns the pipe's write end. Writes exclude one another; close may come at any
 * time, and takes effect when a write that waits has ended, with the container at the latest.
 */
public final class PipeOutput extends OutputStream {
    private static final int BUFFER = 16 * 1024;

    private final Kernel kernel;
    private final int fd;
    private final Descriptors descriptors;
    private final Lock writing = new ReentrantLock();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    public PipeOutput(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
        this.descriptors = new Descriptors(kernel, fd);
    }

    /** What closes all that it holds, and doesn't hold the stream itself. */
    public Runnable release() {
        return descriptors::close;
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
            descriptors.use();
            try {
                put(from, offset, length);
            } finally {
                descriptors.leave();
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
                written += kernel.write(fd, buffer, written, n - written);
            }
            at += n;
        }
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
