// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a sandbox writes to one of its output pipes, or to its terminal. Ends with it or with the container. Owns the
 * descriptor. Reads exclude one another; close may come at any time, and ends a read that waits.
 */
public final class PipeInput extends InputStream {
    private static final int FIRST_BUFFER = 8 * 1024;
    /** What a pipe holds: a program that writes much is read with few calls. */
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final int fd;
    private final Meter meter;
    private final Descriptor descriptor;
    private final Lock reading = new ReentrantLock();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private boolean ended;
    private boolean emptied;
    private volatile long count;

    /**
     * @param fd non-blocking, or -1 for a stream that is empty
     * @param container completes, in whatever way, when nobody in the sandbox can write any more: somebody else who holds
     *     the pipe holds nobody up
     * @param meter told of all that is read; what it doesn't admit is dropped
     */
    public PipeInput(Kernel kernel, int fd, CompletionStage<?> container, Meter meter) {
        this.kernel = kernel;
        this.meter = meter;
        this.fd = fd;
        this.descriptor = new Descriptor(kernel, fd);
        this.ended = fd < 0;
        if (!ended) {
            Descriptor last = descriptor;
            container.whenComplete((end, failure) -> last.end());
        }
    }

    /** How many bytes have been taken from the pipe so far. */
    public long count() {
        return count;
    }

    /** What closes all that it holds, and doesn't hold the stream itself. */
    public Runnable release() {
        return descriptor::close;
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
            descriptor.use();
            try {
                return take(into, offset, length);
            } finally {
                descriptor.leave();
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
        // Where the last read left nothing, the next would find nothing more often than not.
        for (boolean over = wait && emptied && !ended && !descriptor.await(false); !ended; ) {
            int n = readPipe();
            if (n > 0) {
                emptied = n < buffer.capacity();
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
                over = !descriptor.await(false);
            }
        }
        return false;
    }

    /** Into an empty buffer, which grows where the last read filled it. */
    private int readPipe() throws KernelException {
        if (buffer.capacity() == 0 || (buffer.limit() == buffer.capacity() && buffer.capacity() < BUFFER)) {
            buffer = ByteBuffer.allocateDirect(buffer.capacity() == 0 ? FIRST_BUFFER : BUFFER);
        }
        buffer.limit(0);
        try {
            return kernel.read(fd, buffer, buffer.capacity());
        } catch (KernelException e) {
            // A pseudo-terminal that nobody inside has open any more: its end of file.
            if (e.is(Errno.EIO)) {
                return 0;
            }
            throw e;
        }
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
            descriptor.use();
            try {
                return buffer.hasRemaining() || fill(false) ? buffer.remaining() : 0;
            } finally {
                descriptor.leave();
            }
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
