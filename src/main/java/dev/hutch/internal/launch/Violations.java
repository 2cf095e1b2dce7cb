// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.seccomp.ViolationLog;
import dev.hutch.spec.SeccompViolation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What the filter of one container killed for or logged, as far as the kernel tells. Its audit thread writes a record some
 * time after the kill: for that is waited a little, once a container. Thread-safe.
 */
final class Violations {
    private static final long PATIENCE_MILLIS = 100;
    private static final long LOOK_MILLIS = 2;

    private final ViolationLog log;
    private long patience = PATIENCE_MILLIS;

    Violations(ViolationLog log) {
        this.log = log;
    }

    /**
     * From then on. A log that can't be read tells nothing, and costs nobody a result.
     *
     * @param millis since 1970
     * @param killed the pid of a command that was killed, whose record may be on its way; 0 for none
     */
    List<SeccompViolation> since(long millis, int killed) {
        try {
            while (killed != 0 && !log.tellsOf(killed) && waits()) {
                Thread.sleep(LOOK_MILLIS);
            }
            return log.read(millis);
        } catch (KernelException e) {
            Log.write(System.Logger.Level.WARNING, "the kernel's log of a sandbox's filter can't be read", e);
            return List.of();
        } catch (InterruptedException e) {
            // The result is there; only this part of it is not waited for.
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private synchronized boolean waits() {
        patience -= LOOK_MILLIS;
        return patience >= 0;
    }

    /**
     * Nobody is inside any more. Who waits for a record then still gets it.
     *
     * @param killed the pid of its command, where that was killed; else 0
     */
    void ended(int killed) {
        log.ended();
        boolean missing = false;
        try {
            missing = killed != 0 && !log.tellsOf(killed);
        } catch (KernelException e) {
            Log.write(System.Logger.Level.WARNING, "the kernel's log of a sandbox's filter can't be read", e);
        }
        if (missing) {
            CompletableFuture.delayedExecutor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::close);
        } else {
            close();
        }
    }

    /** What came until now is read first. */
    private void close() {
        since(0, 0);
        log.close();
    }
}
