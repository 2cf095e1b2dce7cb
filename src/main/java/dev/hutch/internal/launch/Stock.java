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
import org.jspecify.annotations.Nullable;

/**
 * A small stock of what was made ahead, keyed by exactly the spec that it was made for; each is used once at most. Refilled
 * by a thread of its own, a moment after the last launch, so that a burst is not slowed down by it: a burst that empties
 * the stock makes its own. All of it is gone with the context. Thread-safe.
 */
final class Stock<T extends Prepared> implements AutoCloseable {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** A JVM's first launch has the processors to itself. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MOST_SPECS = 16;

    /** Makes one, cold. */
    interface Maker<T> {
        T make(SandboxSpec spec) throws IOException;
    }

    /** Those of one spec. A spec that was launched once may never come again: nothing is made for it yet. */
    private static final class Shelf<T> {
        final Deque<T> waiting = new ArrayDeque<>();
        boolean again;
    }

    private final int size;
    private final Maker<T> maker;
    private final Map<SandboxSpec, Shelf<T>> shelves = new LinkedHashMap<>(4, 0.75f, true);
    private final ScheduledThreadPoolExecutor refiller;
    private long lastUse;
    private boolean used;
    private @Nullable SandboxSpec second;
    private boolean refilling;
    private boolean closed;

    /** @param size how many there are at most, of all specs together; 0 for none */
    Stock(int size, Maker<T> maker) {
        this.size = size;
        this.maker = maker;
        this.refiller = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-stock"));
        refiller.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** One of those; null where there is none now. */
    @Nullable
    T take(SandboxSpec spec) throws SandboxException {
        if (size == 0) {
            return null;
        }
        for (T first = poll(spec); first != null; first = poll(spec)) {
            if (first.usable()) {
                return first;
            }
        }
        return null;
    }

    private synchronized @Nullable T poll(SandboxSpec spec) {
        lastUse = System.nanoTime();
        if (!used) {
            used = true;
            refiller.schedule(() -> shelve(spec), FIRST_NANOS, TimeUnit.NANOSECONDS);
            return null;
        }
        if (shelves.isEmpty()) {
            second = spec;
            return null;
        }
        Shelf<T> shelf = shelves.get(spec);
        if (shelf == null) {
            // Those that were not used for longest first.
            shelves.values().removeIf(other -> shelves.size() >= MOST_SPECS && other.waiting.isEmpty());
            shelves.put(spec, new Shelf<>());
            return null;
        }
        shelf.again = true;
        T first = shelf.waiting.poll();
        if (!refilling && !closed && 2 * shelf.waiting.size() <= size) {
            refilling = true;
            refiller.schedule(this::refill, QUIET_NANOS, TimeUnit.NANOSECONDS);
        }
        return first;
    }

    /** The first spec of all. The JDK makes a record's hashCode at its first use, some 30 ms: no launch waits for that. */
    private void shelve(SandboxSpec first) {
        Map<SandboxSpec, Shelf<T>> made = Map.of(first, new Shelf<>());
        synchronized (this) {
            if (closed) {
                return;
            }
            shelves.putAll(made);
            if (second != null) {
                poll(second);
            }
        }
    }

    private void refill() {
        try {
            for (SandboxSpec spec = wanted(); spec != null; spec = wanted()) {
                add(spec, maker.make(spec));
            }
        } catch (IOException | RuntimeException e) {
            Log.write(System.Logger.Level.DEBUG, "the stock is not refilled", e);
            stop();
        }
    }

    private synchronized void stop() {
        refilling = false;
    }

    /** The spec that was used last, while it has fewer than it may; null when all is there, or a launch is under way. */
    private synchronized @Nullable SandboxSpec wanted() {
        long quiet = System.nanoTime() - lastUse;
        SandboxSpec last = null;
        for (Map.Entry<SandboxSpec, Shelf<T>> entry : shelves.entrySet()) {
            last = entry.getValue().again && entry.getValue().waiting.size() < size ? entry.getKey() : null;
        }
        if (closed || last == null) {
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
    private void add(SandboxSpec spec, T one) throws SandboxException {
        List<T> surplus = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                surplus.add(one);
            } else {
                shelves.computeIfAbsent(spec, key -> new Shelf<>()).waiting.add(one);
                makeRoom(surplus);
            }
        }
        for (T more : surplus) {
            more.discard();
        }
    }

    private void makeRoom(List<T> surplus) {
        int count = shelves.values().stream()
                .mapToInt(shelf -> shelf.waiting.size())
                .sum();
        for (Shelf<T> oldest : shelves.values()) {
            for (; count > size && !oldest.waiting.isEmpty(); count--) {
                surplus.add(oldest.waiting.remove());
            }
        }
    }

    /** What waits ends with the zygote, which is closed next. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            shelves.values().forEach(shelf -> shelf.waiting.forEach(Prepared::letGo));
            shelves.clear();
        }
        refiller.shutdown();
    }
}
