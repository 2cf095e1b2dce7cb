// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors that one thread at a time uses and any thread may close: in use, they are closed by their user on leaving,
 * so that no number is used that is another file's by now. Thread-safe.
 */
final class Descriptors {
    private final Kernel kernel;
    private final int[] fds;
    private @Nullable Bell bell;
    private boolean used;
    private boolean closed;

    /** @param fds -1 for none */
    Descriptors(Kernel kernel, int... fds) {
        this.kernel = kernel;
        this.fds = fds;
    }

    /** They stay open until {@link #leave}. */
    synchronized void use() throws IOException {
        checkOpen();
        used = true;
    }

    synchronized void leave() {
        used = false;
        if (closed) {
            release();
        }
    }

    /** poll(2) for input, which a close ends with an exception. */
    int await(int... watched) throws IOException {
        int[] all = java.util.Arrays.copyOf(watched, watched.length + 1);
        all[watched.length] = bell();
        int ready = kernel.poll(-1, 0, all);
        synchronized (this) {
            checkOpen();
        }
        return ready;
    }

    private synchronized int bell() throws IOException {
        checkOpen();
        if (bell == null) {
            bell = Bell.make(kernel);
        }
        return bell.fd();
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("Stream closed");
        }
    }

    /** Ends a wait. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!used) {
            release();
        } else if (bell != null) {
            bell.ring();
        }
    }

    private void release() {
        for (int fd : fds) {
            if (fd >= 0) {
                kernel.close(fd);
            }
        }
        if (bell != null) {
            bell.close();
        }
    }
}
