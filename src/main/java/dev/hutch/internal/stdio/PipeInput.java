// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a sandbox writes to one of its output pipes. Ends with the pipe or with the container. Owns both descriptors.
 * Reads exclude one another; close may come at any time, and ends a read that waits.
 */
public final class PipeInput extends InputStream {
    private static final int BUFFER = 16 * 1024;

    private final Kernel kernel;
    private final int fd;
    private final int container;
    private final Meter meter;
    private final Descriptors descriptors;
    private final Lock reading = new ReentrantLock();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private boolean ended;
    private volatile long count;

    /** Without a limit. */
    PipeInput(Kernel kernel, int fd, int container) {
        this(kernel, fd, container, new Meter(Long.MAX_VALUE, () -> {}));
    }

    /**
     * @param fd non-blocking, or -1 for a stream that is empty
     * @param meter told of all that is read; what it doesn't admit is dropped
     */
    public PipeInput(Kernel kernel, int fd, int container, Meter meter) {
        this.kernel = kernel;
        this.meter = meter;
        this.fd = fd;
        this.container = container;
        this.descriptors = new Descriptors(kernel, fd, container);
        this.ended = fd < 0;
    }

    /** How many bytes have been taken from the pipe so far. */
    public long count() {
        return count;
    }

    /** What closes all that it holds, and doesn't hold the stream itself. */
    public Runnable release() {
        return descriptors::close;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        reading.lock();
        try {
            descriptors.use();
            try {
                return take(into, offset, length);
            } finally {
                descriptors.leave();
            }
        } finally {
            reading.unlock();
        }
    }

    private int take(byte[] into, int offset, int length) throws IOException {
        if (!buffer.hasRemaining() && !fill(true)) {
            return -1;
        }
        int n = Math.min(length, buffer.remaining());
        buffer.get(into, offset, n);
        return n;
    }

    /** Waits for bytes, or only takes what is there: false where there is nothing, or nothing more. */
    private boolean fill(boolean wait) throws IOException {
        if (buffer.capacity() == 0) {
            buffer = ByteBuffer.allocateDirect(BUFFER).limit(0);
        }
        boolean over = false;
        while (!ended) {
            int n = kernel.read(fd, buffer, BUFFER);
            if (n > 0) {
                count(n);
                int admitted = meter.admit(n);
                buffer.position(0).limit(admitted);
                ended = admitted == 0;
                return !ended;
            }
            if (n == Kernel.WOULD_BLOCK && !wait) {
                return false;
            }
            if (n == 0 || over) {
                ended = true;
            } else {
                over = (descriptors.await(fd, container) & 2) != 0;
            }
        }
        return false;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one reader at a time
    private void count(int n) {
        count += n;
    }

    /** What can be read now; 0 while another thread is reading. */
    @Override
    public int available() throws IOException {
        if (!reading.tryLock()) {
            return 0;
        }
        try {
            descriptors.use();
            try {
                return buffer.hasRemaining() || fill(false) ? buffer.remaining() : 0;
            } finally {
                descriptors.leave();
            }
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
