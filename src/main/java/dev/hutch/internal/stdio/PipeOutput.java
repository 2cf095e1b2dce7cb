// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A sandbox's standard input, unbuffered. Owns the pipe's write end. */
public final class PipeOutput extends OutputStream {
    private static final int BUFFER = 16 * 1024;

    private final Kernel kernel;
    private final int fd;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private boolean closed;

    public PipeOutput(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] from, int offset, int length) throws IOException {
        java.util.Objects.checkFromIndexSize(offset, length, from.length);
        if (closed) {
            throw new IOException("Stream closed");
        }
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
    public synchronized void close() {
        if (!closed) {
            closed = true;
            kernel.close(fd);
        }
    }
}
