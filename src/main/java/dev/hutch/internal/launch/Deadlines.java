// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SoftStop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends sandboxes whose wall or processor time is up; one timer thread for all. Processor time is looked at when it can be
 * due at the earliest: what is left, divided by the processors that may be used. Thread-safe.
 */
public final class Deadlines implements AutoCloseable {
    private static final long CLOSEST_LOOK_NANOS = 5_000_000;
    private static final long FORCE_AFTER_SECONDS = 2;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-deadlines"));

    public Deadlines() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Watches a child from its execve, which was just reached. */
    public void watch(LiveChild child) {
        SandboxSpec spec = child.spec();
        Duration wallTime = child.wallTime();
        if (wallTime != null) {
            new Alarm(child).in(wallTime.toNanos(), () -> stop(child, LiveChild.Ending.TIMEOUT));
        }
        if (spec.cpuTime() != null) {
            long limit = spec.cpuTime().toNanos();
            Alarm alarm = new Alarm(child);
            Work look = () -> lookAtCpu(alarm, child, limit);
            alarm.in(0, look);
            child.container().whenLimitsChange(() -> alarm.in(0, look), child.ended());
        }
    }

    /** Ends the command at once, or where it is to be asked first, after that. The time that was up first counts. */
    private void stop(LiveChild child, LiveChild.Ending why) throws SandboxException {
        SoftStop first = child.spec().softStop();
        if (first == null) {
            end(child, why);
            return;
        }
        try {
            if (child.ask(first.signal().number(), why)) {
                new Alarm(child).in(first.grace().toNanos(), () -> end(child, why));
            }
        } catch (SandboxException | RuntimeException e) {
            try {
                end(child, why);
            } catch (SandboxException | RuntimeException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /** Ends the command, and two seconds later, where that was not enough, its first process too. */
    public void end(LiveChild child, LiveChild.Ending why) throws SandboxException {
        try {
            child.end(why);
        } finally {
            new Alarm(child).in(TimeUnit.SECONDS.toNanos(FORCE_AFTER_SECONDS), child::endNow);
        }
    }

    /** Does something once, and then only if it is not cancelled before; in the timer's thread, so it must not wait. */
    public Future<?> after(Duration time, Runnable work) {
        try {
            return timer.schedule(work, time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The context is being closed, and ends all its sandboxes itself.
            return CompletableFuture.completedFuture(null);
        }
    }

    /** A counter that can't be read keeps no limit, so the container does not go on without one. */
    private void lookAtCpu(Alarm alarm, LiveChild child, long limit) throws SandboxException {
        int asked = alarm.asked();
        long left;
        try {
            left = limit + child.cpuBefore() - child.container().cgroup().cpuNanos();
        } catch (SandboxException e) {
            end(child, LiveChild.Ending.DESTROYED);
            throw e;
        }
        if (left <= 0) {
            stop(child, LiveChild.Ending.CPU_TIMEOUT);
            return;
        }
        double cpus = child.container().limits().cpus();
        double most = cpus > 0 ? cpus : Runtime.getRuntime().availableProcessors();
        alarm.again(asked, Math.max(CLOSEST_LOOK_NANOS, (long) (left / most)), () -> lookAtCpu(alarm, child, limit));
    }

    private interface Work {
        void run() throws SandboxException;
    }

    /** One thing that is to be done with a child while it lives, and can be put off again and again. */
    private final class Alarm {
        private final LiveChild child;
        private @Nullable Future<?> next;
        private int asked;

        Alarm(LiveChild child) {
            this.child = child;
            child.ended().whenComplete((report, failure) -> cancel());
        }

        synchronized void in(long nanos, Work work) {
            asked++;
            schedule(nanos, work);
        }

        synchronized int asked() {
            return asked;
        }

        /** Unless {@code in} was called meanwhile: what that asks for, by newer limits, comes sooner. */
        synchronized void again(int unlessAskedSince, long nanos, Work work) {
            if (asked == unlessAskedSince) {
                schedule(nanos, work);
            }
        }

        private void schedule(long nanos, Work work) {
            if (child.ended().isDone()) {
                return;
            }
            cancel();
            try {
                next = timer.schedule(() -> run(work), nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // The context is being closed, and ends all its sandboxes itself.
                next = null;
            }
        }

        private void run(Work work) {
            try {
                work.run();
            } catch (SandboxException | RuntimeException e) {
                if (!child.ended().isDone()) {
                    Log.write(System.Logger.Level.WARNING, "a deadline could not be kept", e);
                }
            }
        }

        private synchronized void cancel() {
            if (next != null) {
                next.cancel(false);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
