// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Children of one spec, parked ahead and each used once at most. There are as many as the minimum says; one more for each
 * take that found none, up to the maximum; and after an idle time the minimum again. Thread-safe.
 */
public final class WarmPool implements AutoCloseable {
    /** Parking takes a processor that launches want, so it waits until they pause, unless nothing is left for them. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final SandboxSpec spec;
    private final Stock.Maker<Parked> maker;
    private final Runnable whenClosed;
    private final int minimum;
    private final int maximum;
    private final long idleNanos;
    private final Deque<Parked> ready = new ArrayDeque<>();
    private final ScheduledThreadPoolExecutor worker;
    private int wanted;
    private long lastUse = System.nanoTime();
    private boolean refilling;
    private boolean closed;

    WarmPool(
            SandboxSpec spec,
            Stock.Maker<Parked> maker,
            int minimum,
            int maximum,
            long idleNanos,
            Runnable whenClosed) {
        this.spec = spec;
        this.maker = maker;
        this.whenClosed = whenClosed;
        this.minimum = minimum;
        this.maximum = maximum;
        this.idleNanos = idleNanos;
        this.wanted = minimum;
        this.worker = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-pool"));
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Parks the first in the calling thread, so that a spec that is refused is told here and not in a log. */
    void open() throws IOException {
        if (minimum > 0) {
            keep(maker.make(spec).ahead());
        }
        synchronized (this) {
            refillSoon(0);
        }
        long period = Math.max(1, idleNanos / 2);
        worker.scheduleWithFixedDelay(this::retire, period, period, TimeUnit.NANOSECONDS);
    }

    /** One that is ready, or else one that is parked now. */
    Parked take() throws IOException {
        for (Parked first = poll(); first != null; first = poll()) {
            if (first.usable()) {
                return first;
            }
        }
        return maker.make(spec);
    }

    /** How many wait for a command. */
    public synchronized int ready() {
        return ready.size();
    }

    private synchronized @Nullable Parked poll() {
        lastUse = System.nanoTime();
        Parked first = ready.poll();
        if (first == null) {
            wanted = Math.min(maximum, wanted + 1);
        }
        return first;
    }

    /** A launch that took one is under way: only now, since to wake the worker takes time. */
    synchronized void refillSoon() {
        refillSoon(ready.isEmpty() ? 0 : QUIET_NANOS);
    }

    private void refillSoon(long delay) {
        if (!refilling && !closed && ready.size() < wanted) {
            refilling = true;
            worker.schedule(this::refill, delay, TimeUnit.NANOSECONDS);
        }
    }

    private void refill() {
        try {
            while (isWanting()) {
                keep(maker.make(spec).ahead());
            }
        } catch (IOException | RuntimeException e) {
            Log.write(System.Logger.Level.DEBUG, "a pool is not refilled", e);
            synchronized (this) {
                refilling = false;
            }
        }
    }

    private synchronized boolean isWanting() {
        long quiet = System.nanoTime() - lastUse;
        if (closed || ready.size() >= wanted) {
            refilling = false;
            return false;
        }
        if (!ready.isEmpty() && quiet < QUIET_NANOS) {
            worker.schedule(this::refill, QUIET_NANOS - quiet, TimeUnit.NANOSECONDS);
            return false;
        }
        return true;
    }

    private void keep(Parked parked) throws SandboxException {
        synchronized (this) {
            if (!closed) {
                ready.add(parked);
                return;
            }
        }
        parked.discard();
    }

    private void retire() {
        try {
            for (Parked one : surplus()) {
                one.discard();
            }
        } catch (SandboxException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "a pool can't let go of a sandbox", e);
        }
    }

    private synchronized List<Parked> surplus() {
        List<Parked> some = new ArrayList<>();
        if (!closed && System.nanoTime() - lastUse >= idleNanos) {
            wanted = minimum;
            while (ready.size() > wanted) {
                some.add(ready.remove());
            }
        }
        return some;
    }

    /** Ends what waits; what was taken goes on. */
    @Override
    public void close() throws SandboxException {
        List<Parked> all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            all = new ArrayList<>(ready);
            ready.clear();
        }
        whenClosed.run();
        worker.shutdown();
        SandboxException first = null;
        for (Parked one : all) {
            try {
                one.discard();
            } catch (SandboxException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
