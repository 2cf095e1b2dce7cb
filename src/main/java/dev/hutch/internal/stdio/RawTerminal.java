// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/**
 * The caller's terminal while it passes every byte through to a pseudo-terminal of a sandbox's. What it was before is put
 * back at the end, and by a shutdown hook where the JVM ends first. Thread-safe.
 */
public final class RawTerminal implements AutoCloseable {
    private final Kernel kernel;
    private final int terminal;
    private final Thread hook = new Thread(this::restoreAtExit);
    private byte @Nullable [] saved;

    public RawTerminal(Kernel kernel, int terminal) throws KernelException {
        this.kernel = kernel;
        this.terminal = terminal;
        Runtime.getRuntime().addShutdownHook(hook);
        raw();
    }

    /** Also after somebody else had the terminal meanwhile. */
    public synchronized void raw() throws KernelException {
        if (saved == null) {
            saved = kernel.makeRaw(terminal);
        }
    }

    public synchronized void restore() throws KernelException {
        if (saved != null) {
            kernel.restore(terminal, saved);
            saved = null;
        }
    }

    private void restoreAtExit() {
        try {
            restore();
        } catch (KernelException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "the terminal was not restored", e);
        }
    }

    @Override
    public void close() throws KernelException {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook finds nothing left to do.
            return;
        }
    }
}
