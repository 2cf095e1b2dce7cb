// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.spec.Egress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the caller's own code said of names that are not on the list: each is asked about once. How many names a program can
 * have asked about is bounded, and how many at a time. Thread-safe.
 */
final class Decisions {
    static final int MOST_AT_ONCE = 16;
    static final int MOST_NAMES = 1_000;

    private final Executor deciders;
    private final Map<String, CompletableFuture<Boolean>> made = new LinkedHashMap<>();
    private int open;

    Decisions(Executor deciders) {
        this.deciders = deciders;
    }

    /** The decision, once it has been made; null where too much is asked already, and it is to be asked for again. */
    @Nullable
    CompletableFuture<Boolean> on(String name, Egress.Decision decision) {
        CompletableFuture<Boolean> fresh = new CompletableFuture<>();
        synchronized (this) {
            CompletableFuture<Boolean> known = made.get(name);
            if (known != null) {
                return known;
            }
            if (open == MOST_AT_ONCE || made.size() == MOST_NAMES) {
                return null;
            }
            made.put(name, fresh);
            open++;
        }
        try {
            deciders.execute(() -> decide(name, decision, fresh));
            return fresh;
        } catch (RejectedExecutionException e) {
            forget(name);
            fresh.complete(false);
            return null;
        }
    }

    private synchronized void forget(String name) {
        made.remove(name);
        open--;
    }

    private void decide(String name, Egress.Decision decision, CompletableFuture<Boolean> answer) {
        boolean allowed = false;
        try {
            allowed = decision.allows(name);
        } catch (RuntimeException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "an egress decision on " + name, e);
        } finally {
            over(answer, allowed);
        }
    }

    private void over(CompletableFuture<Boolean> answer, boolean allowed) {
        synchronized (this) {
            open--;
        }
        answer.complete(allowed);
    }
}
