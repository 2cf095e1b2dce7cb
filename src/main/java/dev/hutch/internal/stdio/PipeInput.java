// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What a sandbox writes to one of its output pipes. Ends with the pipe or with the container. Owns both descriptors.
 * Reads exclude one another; close may come at any time, and ends a read that waits.
 */
public final class PipeInput extends InputStream {
    private static final int BUFFER = 16 * 1024;

    private final Kernel kernel;
    private final int fd;
    private final int container;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private boolean ended;
    private boolean closed;

    /** @param fd non-blocking, or -1 for a stream that is empty */
    public PipeInput(Kernel kernel, int fd, int container) {
        this.kernel = kernel;
        this.fd = fd;
        this.container = container;
        this.ended = fd < 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        java.util.Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!buffer.hasRemaining() && !fill()) {
            return -1;
        }
        int n = Math.min(length, buffer.remaining());
        buffer.get(into, offset, n);
        return n;
    }

    /** Waits for bytes: false at the end. */
    private boolean fill() throws IOException {
        if (closed) {
            throw new IOException("Stream closed");
        }
        if (buffer.capacity() == 0) {
            buffer = ByteBuffer.allocateDirect(BUFFER);
        }
        boolean over = false;
        while (!ended) {
            int n = kernel.read(fd, buffer, BUFFER);
            if (n > 0) {
                buffer.position(0).limit(n);
                return true;
            }
            if (n == 0 || over) {
                ended = true;
            } else {
                over = (kernel.poll(-1, 0, fd, container) & 2) != 0;
            }
        }
        return false;
    }

    @Override
    public synchronized int available() {
        return buffer.remaining();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            buffer.position(0).limit(0);
            if (fd >= 0) {
                kernel.close(fd);
            }
            kernel.close(container);
        }
    }
}
