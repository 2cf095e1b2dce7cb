// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;

/** Wakes a thread that waits in poll(2): a pipe whose other end is closed when it rings. Rings once. Thread-safe. */
final class Bell implements AutoCloseable {
    private final Kernel kernel;
    private final int[] ends;

    private Bell(Kernel kernel, int[] ends) {
        this.kernel = kernel;
        this.ends = ends;
    }

    static Bell make(Kernel kernel) throws KernelException {
        return new Bell(kernel, kernel.pipe());
    }

    /** Ready once the bell has rung. */
    synchronized int fd() {
        return ends[0];
    }

    void ring() {
        drop(1);
    }

    @Override
    public void close() {
        drop(1);
        drop(0);
    }

    private synchronized void drop(int end) {
        if (ends[end] >= 0) {
            kernel.close(ends[end]);
            ends[end] = -1;
        }
    }
}
