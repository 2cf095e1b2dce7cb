// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.seccomp.ViolationLog;
import dev.hutch.spec.SeccompViolation;
import java.util.ArrayList;
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
    private List<SeccompViolation> seen = List.of();
    private long patience = PATIENCE_MILLIS;

    Violations(ViolationLog log) {
        this.log = log;
    }

    /** All so far. A log that can't be read tells nothing more, and costs nobody a result. */
    synchronized List<SeccompViolation> seen() {
        try {
            seen = log.read();
        } catch (KernelException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "the kernel's log of a sandbox's filter can't be read", e);
        }
        return seen;
    }

    /**
     * Those that came after others.
     *
     * @param killed whether one was killed since, whose record may be on its way
     */
    List<SeccompViolation> since(List<SeccompViolation> before, boolean killed) {
        List<SeccompViolation> all = seen();
        while (killed && kills(all) == kills(before) && waits()) {
            all = seen();
        }
        List<SeccompViolation> since = new ArrayList<>();
        for (SeccompViolation one : all) {
            int earlier = before.stream()
                    .filter(other -> other.equals(with(one, other.count())))
                    .mapToInt(SeccompViolation::count)
                    .sum();
            if (one.count() > earlier) {
                since.add(with(one, one.count() - earlier));
            }
        }
        return since;
    }

    /** Not for who is interrupted: the result is there. */
    private boolean waits() {
        synchronized (this) {
            patience -= LOOK_MILLIS;
            if (patience < 0) {
                return false;
            }
        }
        try {
            Thread.sleep(LOOK_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static SeccompViolation with(SeccompViolation one, int count) {
        return new SeccompViolation(one.systemCall(), one.program(), one.killed(), count);
    }

    private static int kills(List<SeccompViolation> all) {
        return all.stream()
                .filter(SeccompViolation::killed)
                .mapToInt(SeccompViolation::count)
                .sum();
    }

    /** Nobody is inside any more. Who waits for a record then still gets it. */
    void ended(boolean killed) {
        log.ended();
        if (killed && kills(seen()) == 0) {
            CompletableFuture.delayedExecutor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::close);
        } else {
            close();
        }
    }

    private void close() {
        seen();
        log.close();
    }
}
