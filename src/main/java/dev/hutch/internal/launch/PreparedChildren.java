// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Children that were asked for ahead, each for one launch of one spec, by the very object: a spec's first hash takes longer
 * than a launch. Thread-safe.
 */
final class PreparedChildren implements AutoCloseable {
    private final IdentityHashMap<SandboxSpec, Deque<Parked>> children = new IdentityHashMap<>();
    private boolean closed;

    void add(SandboxSpec spec, Parked one) throws SandboxException {
        synchronized (this) {
            if (!closed) {
                children.computeIfAbsent(spec, key -> new ArrayDeque<>()).add(one);
                return;
            }
        }
        one.discard();
    }

    /** One that was prepared for that very spec; null where there is none. */
    @Nullable
    Parked take(SandboxSpec spec) throws SandboxException {
        for (Parked one = poll(spec); one != null; one = poll(spec)) {
            if (one.usable()) {
                return one;
            }
        }
        return null;
    }

    private synchronized @Nullable Parked poll(SandboxSpec spec) {
        Deque<Parked> its = children.get(spec);
        if (its == null) {
            return null;
        }
        Parked first = its.remove();
        if (its.isEmpty()) {
            children.remove(spec);
        }
        return first;
    }

    /** They end with the zygote, which is closed next. */
    @Override
    public synchronized void close() {
        closed = true;
        children.values().forEach(its -> its.forEach(Parked::letGo));
        children.clear();
    }
}
