// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

/**
 * Consecutive ids.
 *
 * @param first the least
 * @param size how many, 1 or more
 */
public record IdSpan(long first, long size) {
    public IdSpan {
        if (first < 0 || size < 1) {
            throw new IllegalArgumentException("id span " + first + "+" + size);
        }
    }

    /** One more than the greatest. */
    public long end() {
        return first + size;
    }

    /** Whether all ids of the other are in this. */
    public boolean contains(IdSpan other) {
        return other.first >= first && other.end() <= end();
    }

    @Override
    public String toString() {
        return first + "-" + (end() - 1);
    }
}
