// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Carries a Java stream, whose reads nothing can poll, into a pipe of our own that a loop can. The thread owns the write
 * end; closing takes the read end away from it, so a write that waits ends too. Thread-safe.
 */
public final class SourcePump implements AutoCloseable {
    private final Kernel kernel;
    private final InputStream source;
    private final int[] pipe;
    private final Runnable failed;
    private final Thread thread = new Thread(this::pump, "hutch-input");
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private boolean started;
    private volatile boolean closed;

    /**
     * A pump that stands still yet.
     *
     * @param failed called in the pump's thread when the stream fails before the end
     */
    public SourcePump(Kernel kernel, InputStream source, Runnable failed) throws KernelException {
        this.kernel = kernel;
        this.source = source;
        this.failed = failed;
        this.pipe = kernel.pipe();
        thread.setDaemon(true);
    }

    /** What can be read of the stream; open until the pump is closed. */
    public int output() {
        return pipe[0];
    }

    public synchronized void start() {
        started = true;
        thread.start();
    }

    /** What the stream threw; empty where it went well. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    private void pump() {
        byte[] bytes = new byte[16 * 1024];
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
        try {
            for (int n = source.read(bytes); n >= 0 && !closed; n = source.read(bytes)) {
                buffer.put(0, bytes, 0, n);
                for (int at = 0; at < n; ) {
                    at += kernel.write(pipe[1], buffer, at, n - at);
                }
            }
        } catch (KernelException e) {
            // Nobody reads any more: the sandbox has ended, or its program closed its input.
            if (!e.is(Errno.EPIPE)) {
                fail(e);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            kernel.close(pipe[1]);
        }
    }

    private void fail(Throwable e) {
        if (!closed && failure.compareAndSet(null, e)) {
            failed.run();
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        kernel.close(pipe[0]);
        if (started) {
            thread.interrupt();
        } else {
            kernel.close(pipe[1]);
        }
    }
}
