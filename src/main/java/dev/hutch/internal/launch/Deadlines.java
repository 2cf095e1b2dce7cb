// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends sandboxes whose wall or processor time is up; one timer thread for all. Processor time is looked at when it can be
 * due at the earliest: what is left, divided by the processors that may be used. Thread-safe.
 */
public final class Deadlines implements AutoCloseable {
    private static final long CLOSEST_LOOK_NANOS = 5_000_000;
    private static final long FORCE_AFTER_SECONDS = 2;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "hutch-deadlines");
        thread.setDaemon(true);
        return thread;
    });

    public Deadlines() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Watches a child from its execve, which was just reached. */
    public void watch(LiveChild child) {
        SandboxSpec spec = child.spec();
        if (spec.wallTime() != null) {
            at(spec.wallTime().toNanos(), child, () -> end(child, LiveChild.Ending.TIMEOUT));
        }
        if (spec.cpuTime() != null) {
            Duration limit = spec.cpuTime();
            at(0, child, () -> lookAtCpu(child, limit.toNanos()));
        }
    }

    private void lookAtCpu(LiveChild child, long limit) {
        try {
            long left = limit + child.cpuBefore() - child.cgroup().cpuNanos();
            if (left <= 0) {
                end(child, LiveChild.Ending.CPU_TIMEOUT);
                return;
            }
            double cpus = child.spec().limits().cpus();
            double most = cpus > 0 ? cpus : Runtime.getRuntime().availableProcessors();
            at(Math.max(CLOSEST_LOOK_NANOS, (long) (left / most)), child, () -> lookAtCpu(child, limit));
        } catch (SandboxException e) {
            log(child, e);
        }
    }

    private void end(LiveChild child, LiveChild.Ending why) {
        try {
            child.end(why);
            at(TimeUnit.SECONDS.toNanos(FORCE_AFTER_SECONDS), child, () -> force(child));
        } catch (SandboxException e) {
            log(child, e);
        }
    }

    private void force(LiveChild child) {
        try {
            child.endNow();
        } catch (SandboxException e) {
            log(child, e);
        }
    }

    private void at(long nanos, LiveChild child, Runnable work) {
        if (child.ended().isDone()) {
            return;
        }
        java.util.concurrent.Future<?> timed = timer.schedule(work, nanos, TimeUnit.NANOSECONDS);
        child.ended().whenComplete((report, failure) -> timed.cancel(false));
    }

    private static void log(LiveChild child, SandboxException e) {
        if (!child.ended().isDone()) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "a deadline could not be kept", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
