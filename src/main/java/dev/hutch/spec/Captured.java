// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.charset.StandardCharsets;
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
     * @param kept what was kept, copied; where bytes are missing, one half is the head and the other the tail
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

    /** What was kept as UTF-8; where bytes are missing, a line of its own says how many. */
    public String text() {
        if (kept.length == 0 || !truncated()) {
            return new String(kept, StandardCharsets.UTF_8);
        }
        int half = kept.length / 2;
        return new String(kept, 0, half, StandardCharsets.UTF_8)
                + "\n[… " + (total - kept.length) + " bytes left out …]\n"
                + new String(kept, half, kept.length - half, StandardCharsets.UTF_8);
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

    @Override
    public String toString() {
        return (truncated() ? kept.length + " of " : "") + total + " bytes";
    }
}
