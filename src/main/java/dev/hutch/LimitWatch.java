// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.cgroup.LimitEvents;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.spec.SandboxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks at the counters of sandboxes that run, for a listener. The kernel would wake somebody up, but in three ways (an
 * eventfd on version 1, poll(2) on version 2, for each file), and each costs two descriptors a sandbox; a look is two small
 * reads. One thread for all, which takes a twentieth of a processor at most: where very many run, looks come more seldom.
 * Thread-safe.
 */
final class LimitWatch implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int IDLE_PARTS = 19;

    private final Map<LiveChild, Watched> all = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-limits"));
    private boolean looking;

    private static final class Watched {
        final Consumer<LimitEvents> listener;
        LimitEvents seen = LimitEvents.NONE;

        Watched(Consumer<LimitEvents> listener) {
            this.listener = listener;
        }
    }

    /** Tells what the counters say, whenever that has changed, until the child ends. */
    void watch(LiveChild child, Consumer<LimitEvents> listener) {
        synchronized (this) {
            all.put(child, new Watched(listener));
            if (!looking) {
                looking = true;
                lookIn(PERIOD_NANOS);
            }
        }
        child.ended().whenComplete((report, failure) -> forget(child));
    }

    private synchronized void forget(LiveChild child) {
        all.remove(child);
    }

    private void lookIn(long nanos) {
        try {
            timer.schedule(this::round, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: what there is to tell is told at each end.
            looking = false;
        }
    }

    private void round() {
        long start = System.nanoTime();
        for (Map.Entry<LiveChild, Watched> each : running()) {
            look(each.getKey(), each.getValue());
        }
        long took = System.nanoTime() - start;
        synchronized (this) {
            looking = !all.isEmpty();
            if (looking) {
                lookIn(Math.max(PERIOD_NANOS, IDLE_PARTS * took));
            }
        }
    }

    private synchronized List<Map.Entry<LiveChild, Watched>> running() {
        return List.copyOf(all.entrySet());
    }

    /** One whose counters can't be read is left to its end. */
    private void look(LiveChild child, Watched watched) {
        try {
            LimitEvents now = child.limitEvents();
            if (!now.equals(watched.seen)) {
                watched.seen = now;
                watched.listener.accept(now);
            }
        } catch (SandboxException | RuntimeException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "a sandbox's limits can't be watched", e);
            forget(child);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
