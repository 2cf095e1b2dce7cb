// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;

/**
 * What was kept of one output stream: all of it, or its head and tail. Immutable.
 *
 * @since 0.1
 */
public final class Captured {
    /** Nothing was written, or nothing was captured. */
    public static final Captured EMPTY = new Captured(new byte[0], 0);

    private final byte[] kept;
    private final long total;

    /**
     * @param kept what was kept, copied
     * @param total all bytes that were written, at least as many as kept
     */
    public Captured(byte[] kept, long total) {
        this.kept = kept.clone();
        this.total = Range.check("total", total, kept.length, Long.MAX_VALUE);
    }

    /** A copy of what was kept. */
    public byte[] bytes() {
        return kept.clone();
    }

    /** How many bytes were written in all. */
    public long total() {
        return total;
    }

    /** Whether bytes between the head and the tail are missing. */
    public boolean truncated() {
        return total > kept.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Captured that && total == that.total && Arrays.equals(kept, that.kept);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(kept);
    }
}
