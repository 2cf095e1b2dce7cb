// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that one thread at a time uses and any thread may close: in use, it is closed by its user on leaving, so
 * that no number is used that is another file's by now. Thread-safe.
 */
final class Descriptor {
    private final Kernel kernel;
    private final int fd;
    private @Nullable Bell bell;
    private boolean used;
    private boolean closed;
    private boolean over;

    /** @param fd -1 for none */
    Descriptor(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /** It stays open until {@link #leave}. */
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

    /**
     * Waits until it can be read, or where {@code forRoom} written, or nobody is at the other end any more.
     *
     * @return false if {@link #end} ended the wait
     * @throws IOException if a close did
     */
    boolean await(boolean forRoom) throws IOException {
        Bell rings = bell();
        if (rings != null) {
            kernel.poll(-1, forRoom ? 1 : 0, fd, rings.fd());
        }
        synchronized (this) {
            checkOpen();
            return !over;
        }
    }

    /** Null once there is nothing to wait for. */
    private synchronized @Nullable Bell bell() throws IOException {
        checkOpen();
        if (over) {
            return null;
        }
        if (bell == null) {
            bell = Bell.make(kernel);
        }
        return bell;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("Stream closed");
        }
    }

    /** What is there is all that comes: waits from now on are over at once. */
    synchronized void end() {
        over = true;
        if (bell != null) {
            bell.ring();
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
        if (fd >= 0) {
            kernel.close(fd);
        }
        if (bell != null) {
            bell.close();
        }
    }
}
