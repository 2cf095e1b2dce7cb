// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;
import java.util.Objects;

/**
 * What a command is sent when its time is up, wall or processor, and how long it then has to end by itself before the
 * whole container is killed. Whichever it does, the outcome is the time limit's. A container that is paused goes on for it.
 * Immutable.
 *
 * @param signal to the command alone, not to what it started; one without a handler ends it, unless it is PID 1 itself
 *     ({@code init(false)}), which the kernel keeps from signals that it doesn't handle; pid_namespaces(7)
 * @param grace 1 ms to 1 h
 * @since 0.1
 */
public record SoftStop(Signal signal, Duration grace) {
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MOST = Duration.ofHours(1);

    public SoftStop {
        Objects.requireNonNull(signal, "signal");
        if (grace.compareTo(LEAST) < 0 || grace.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("grace is " + grace + ", must be " + LEAST + " to " + MOST);
        }
    }

    /** By {@link Signal#SIGTERM}. */
    public static SoftStop within(Duration grace) {
        return new SoftStop(Signal.SIGTERM, grace);
    }
}
