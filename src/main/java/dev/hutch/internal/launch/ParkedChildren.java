// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A small stock of children parked ahead, keyed by exactly the spec that they were parked for; each is used once at most.
 * Refilled by a thread of its own, a moment after the last launch, so that a burst is not slowed down by it: a burst that
 * empties the stock parks its own. All of it is gone with the context. Thread-safe.
 */
final class ParkedChildren implements AutoCloseable {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** A JVM's first launch has the processors to itself. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MOST_SPECS = 16;

    /** Parks a child, cold. */
    interface Parker {
        Parked park(SandboxSpec spec) throws IOException;
    }

    /** Those of one spec. A spec that was launched once may never come again: nothing is parked for it yet. */
    private static final class Shelf {
        final Deque<Parked> parked = new ArrayDeque<>();
        boolean again;
    }

    private final int size;
    private final Parker parker;

    /** Those that were asked for, by the very object: a spec's first hash takes longer than a launch. */
    private final IdentityHashMap<SandboxSpec, Deque<Parked>> prepared = new IdentityHashMap<>();

    private final Map<SandboxSpec, Shelf> shelves = new LinkedHashMap<>(4, 0.75f, true);
    private final ScheduledThreadPoolExecutor refiller;
    private long lastUse;
    private boolean used;
    private @Nullable SandboxSpec second;
    private boolean refilling;
    private boolean closed;

    ParkedChildren(int size, Parker parker) {
        this.size = size;
        this.parker = parker;
        this.refiller = new ScheduledThreadPoolExecutor(1, new Daemon("hutch-stock"));
        refiller.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Parks one for one launch of that very spec. */
    void prepare(SandboxSpec spec) throws IOException {
        Parked one = parker.park(spec).ahead();
        synchronized (this) {
            if (!closed) {
                prepared.computeIfAbsent(spec, key -> new ArrayDeque<>()).add(one);
                return;
            }
        }
        one.discard();
    }

    /** One that was prepared for that very spec; null where there is none. */
    @Nullable
    Parked takePrepared(SandboxSpec spec) throws SandboxException {
        for (Parked one = pollPrepared(spec); one != null; one = pollPrepared(spec)) {
            if (one.usable()) {
                return one;
            }
        }
        return null;
    }

    private synchronized @Nullable Parked pollPrepared(SandboxSpec spec) {
        Deque<Parked> its = prepared.get(spec);
        if (its == null) {
            return null;
        }
        Parked first = its.remove();
        if (its.isEmpty()) {
            prepared.remove(spec);
        }
        return first;
    }

    /** One from the stock, or one that is parked now. */
    Parked takeOrPark(SandboxSpec spec) throws IOException {
        if (size == 0 || !canWait(spec)) {
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

    /**
     * What is the caller's, and mounted, is opened when a child is parked: at the launch another may have its name. Neither
     * is what a network gives to each of its containers to be held by one that only waits; name servers change.
     */
    private static boolean canWait(SandboxSpec spec) {
        return spec.isolation() == Isolation.CONTAINER
                && spec.rootfs() instanceof Rootfs.HostView
                && spec.workspace() == null
                && spec.network().kind() == Network.Kind.NONE
                && spec.mounts().stream().allMatch(mount -> mount instanceof Mount.Tmpfs);
    }

    private synchronized @Nullable Parked take(SandboxSpec spec) {
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
        Shelf shelf = shelves.get(spec);
        if (shelf == null) {
            // Those that were not used for longest first.
            shelves.values().removeIf(other -> shelves.size() >= MOST_SPECS && other.parked.isEmpty());
            shelves.put(spec, new Shelf());
            return null;
        }
        shelf.again = true;
        Parked first = shelf.parked.poll();
        if (!refilling && !closed && 2 * shelf.parked.size() <= size) {
            refilling = true;
            refiller.schedule(this::refill, QUIET_NANOS, TimeUnit.NANOSECONDS);
        }
        return first;
    }

    /** The first spec of all. The JDK makes a record's hashCode at its first use, some 30 ms: no launch waits for that. */
    private void shelve(SandboxSpec first) {
        Map<SandboxSpec, Shelf> made = Map.of(first, new Shelf());
        synchronized (this) {
            if (closed) {
                return;
            }
            shelves.putAll(made);
            if (second != null) {
                take(second);
            }
        }
    }

    private void refill() {
        try {
            for (SandboxSpec spec = wanted(); spec != null; spec = wanted()) {
                add(parker.park(spec).ahead());
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
        for (Map.Entry<SandboxSpec, Shelf> entry : shelves.entrySet()) {
            last = entry.getValue().again && entry.getValue().parked.size() < size ? entry.getKey() : null;
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
    private void add(Parked parked) throws SandboxException {
        List<Parked> surplus = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                surplus.add(parked);
            } else {
                shelves.computeIfAbsent(parked.spec(), key -> new Shelf())
                        .parked
                        .add(parked);
                makeRoom(surplus);
            }
        }
        for (Parked one : surplus) {
            one.discard();
        }
    }

    private void makeRoom(List<Parked> surplus) {
        int parked =
                shelves.values().stream().mapToInt(shelf -> shelf.parked.size()).sum();
        for (Shelf oldest : shelves.values()) {
            for (; parked > size && !oldest.parked.isEmpty(); parked--) {
                surplus.add(oldest.parked.remove());
            }
        }
    }

    /** What is parked ends with the zygote, which is closed next. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            shelves.values().forEach(shelf -> shelf.parked.forEach(Parked::letGo));
            shelves.clear();
            prepared.values().forEach(its -> its.forEach(Parked::letGo));
            prepared.clear();
        }
        refiller.shutdown();
    }
}
