// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

/** Counts what passes over all output streams of a sandbox, against one limit. Thread-safe. */
public final class Meter {
    private final long limit;
    private final Runnable overLimit;
    private long total;

    /** @param overLimit called once, when more than that has passed */
    public Meter(long limit, Runnable overLimit) {
        this.limit = limit;
        this.overLimit = overLimit;
    }

    /** Counts {@code n} bytes more: how many of them may be delivered. */
    int admit(int n) {
        long before;
        synchronized (this) {
            before = total;
            total += n;
        }
        if (before <= limit && before + n > limit) {
            overLimit.run();
        }
        return (int) Math.max(0, Math.min(n, limit - before));
    }
}
