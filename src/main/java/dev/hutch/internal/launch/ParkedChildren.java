// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A small stock of children parked ahead, keyed by exactly the spec that they were parked for; each is used once at most.
 * Refilled by a thread of its own, a moment after the last launch, so that a burst is not slowed down by it: a burst that
 * empties the stock parks its own. All of it is gone with the context. Thread-safe.
 */
final class ParkedChildren implements AutoCloseable {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Parks a child, cold. */
    interface Parker {
        Parked park(SandboxSpec spec) throws IOException;
    }

    private final int size;
    private final Parker parker;
    private final Map<SandboxSpec, Deque<Parked>> bySpec = new LinkedHashMap<>(4, 0.75f, true);
    private final ScheduledThreadPoolExecutor refiller;
    private int stocked;
    private long lastUse;
    private boolean refilling;
    private boolean closed;

    ParkedChildren(int size, Parker parker) {
        this.size = size;
        this.parker = parker;
        this.refiller = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-stock"));
        refiller.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** One from the stock, or one that is parked now. */
    Parked takeOrPark(SandboxSpec spec) throws IOException {
        if (size == 0) {
            return parker.park(spec);
        }
        for (; ; ) {
            Parked known = take(spec);
            if (known == null) {
                return parker.park(spec);
            }
            if (known.usable()) {
                return known;
            }
        }
    }

    private synchronized @org.jspecify.annotations.Nullable Parked take(SandboxSpec spec) {
        Deque<Parked> known = bySpec.computeIfAbsent(spec, key -> new ArrayDeque<>());
        lastUse = System.nanoTime();
        Parked first = known.poll();
        if (first != null) {
            stocked--;
        }
        if (!refilling && !closed && 2 * known.size() <= size) {
            refilling = true;
            refiller.schedule(this::refill, QUIET_NANOS, TimeUnit.NANOSECONDS);
        }
        return first;
    }

    private void refill() {
        try {
            for (SandboxSpec spec = wanted(); spec != null; spec = wanted()) {
                add(parker.park(spec));
            }
        } catch (IOException | RuntimeException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "the stock is not refilled", e);
            stop();
        }
    }

    private synchronized void stop() {
        refilling = false;
    }

    /** The spec that was used last, while it has fewer than it may; null when all is there, or a launch is under way. */
    private synchronized @org.jspecify.annotations.Nullable SandboxSpec wanted() {
        long quiet = System.nanoTime() - lastUse;
        SandboxSpec last = null;
        for (SandboxSpec spec : bySpec.keySet()) {
            last = spec;
        }
        if (closed
                || last == null
                || bySpec.getOrDefault(last, new ArrayDeque<>()).size() >= size) {
            refilling = false;
            return null;
        }
        if (quiet < QUIET_NANOS) {
            refiller.schedule(this::refill, QUIET_NANOS - quiet, TimeUnit.NANOSECONDS);
            return null;
        }
        return last;
    }

    /** Those of the spec that was not used for longest make room. */
    private void add(Parked parked) throws SandboxException {
        List<Parked> surplus = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                surplus.add(parked);
            } else {
                bySpec.computeIfAbsent(parked.spec(), key -> new ArrayDeque<>()).add(parked);
                stocked++;
                while (stocked > size) {
                    surplus.add(oldest());
                }
            }
        }
        for (Parked one : surplus) {
            one.discard();
        }
    }

    private Parked oldest() {
        for (var entries = bySpec.entrySet().iterator(); ; ) {
            Deque<Parked> some = entries.next().getValue();
            Parked first = some.poll();
            if (first != null) {
                stocked--;
                return first;
            }
            entries.remove();
        }
    }

    /** What is parked ends with the zygote, which is closed next. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            bySpec.values().forEach(some -> some.forEach(Parked::letGo));
            bySpec.clear();
        }
        refiller.shutdown();
    }
}
