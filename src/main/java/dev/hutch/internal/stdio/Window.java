// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.WindowSize;

/** The window of a pseudo-terminal. Owns a copy of the master. Thread-safe. */
public final class Window implements AutoCloseable {
    private final Kernel kernel;
    private int master;

    public Window(Kernel kernel, int master) {
        this.kernel = kernel;
        this.master = master;
    }

    /** Those in the foreground of the terminal get SIGWINCH where that is another size. */
    public synchronized void resize(WindowSize size) throws SandboxException {
        if (master < 0) {
            throw new SandboxException("resize", "", null, "the process was closed");
        }
        resize(kernel, master, size);
    }

    public static void resize(Kernel kernel, int master, WindowSize size) throws KernelException {
        kernel.windowSize(master, size.rows() << 16 | size.columns());
    }

    @Override
    public synchronized void close() {
        if (master >= 0) {
            kernel.close(master);
            master = -1;
        }
    }
}
