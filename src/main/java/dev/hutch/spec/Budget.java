// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all sandboxes of one context may take together. One that finds no room waits its turn, first come, first served,
 * or is refused. Immutable.
 *
 * @param memory the sum of their memory limits, used or not; null for no bound
 * @param sandboxes how many at once, 1 or more; 0 for no bound
 * @param patience how long a start waits for room: zero to be refused at once, null to wait as long as it takes
 * @since 0.1
 */
public record Budget(
        @Nullable Size memory, int sandboxes, @Nullable Duration patience) {
    /** No bound at all. */
    public static final Budget NONE = new Budget(null, 0, null);

    public Budget {
        Range.check("sandboxes of a budget", sandboxes, 0, Integer.MAX_VALUE);
        if (memory != null) {
            Range.check("memory of a budget", memory.bytes(), 1 << 20, Long.MAX_VALUE);
        }
        if (patience != null && patience.isNegative()) {
            throw new IllegalArgumentException("patience is " + patience + ", must be zero or more");
        }
    }

    /** Memory limits may add up to this; 1 MiB or more. */
    public static Budget ofMemory(Size sum) {
        return NONE.withMemory(sum);
    }

    /** So many may be there at once; 1 or more. */
    public static Budget ofSandboxes(int count) {
        return NONE.withSandboxes(count);
    }

    /** The same with this sum of memory limits; 1 MiB or more. */
    public Budget withMemory(Size sum) {
        return new Budget(sum, sandboxes, patience);
    }

    /** The same with so many at once; 1 or more. */
    public Budget withSandboxes(int count) {
        return new Budget(memory, Range.check("sandboxes of a budget", count, 1, Integer.MAX_VALUE), patience);
    }

    /** A start that finds no room fails at once. */
    public Budget refusing() {
        return waiting(Duration.ZERO);
    }

    /** A start that finds no room waits up to this long, and then fails; zero or more. */
    public Budget waiting(Duration upTo) {
        return new Budget(memory, sandboxes, upTo);
    }
}
