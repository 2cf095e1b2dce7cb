// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.Admission;
import dev.hutch.internal.launch.Deadlines;
import dev.hutch.internal.launch.Launcher;
import dev.hutch.spec.SandboxException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends what a context has started, once. It doesn't know the context, so that it can run when nobody else does either.
 * Thread-safe.
 */
final class ContextEnd implements Runnable {
    private final Admission admission;
    private final Deadlines deadlines;
    private final Launcher launcher;
    private final Events events;
    private final AtomicBoolean closed = new AtomicBoolean();

    ContextEnd(Admission admission, Deadlines deadlines, Launcher launcher, Events events) {
        this.admission = admission;
        this.deadlines = deadlines;
        this.launcher = launcher;
        this.events = events;
    }

    void close() throws SandboxException {
        if (!closed.getAndSet(true)) {
            admission.close();
            deadlines.close();
            launcher.close();
            events.close();
        }
    }

    /** The last resort. */
    @Override
    public void run() {
        if (closed.get()) {
            return;
        }
        System.Logger log = System.getLogger("dev.hutch");
        log.log(System.Logger.Level.WARNING, "a context was forgotten without being closed: it is closed now");
        try {
            close();
        } catch (SandboxException | RuntimeException e) {
            log.log(System.Logger.Level.WARNING, "a forgotten context could not be closed", e);
        }
    }
}
