// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;

/**
 * How far the clocks inside are ahead of the host's; time_namespaces(7). Immutable.
 *
 * @param monotonic of CLOCK_MONOTONIC; may be negative as long as the clock stays above zero
 * @param boottime of CLOCK_BOOTTIME, which /proc/uptime shows
 * @since 0.1
 */
public record TimeOffsets(Duration monotonic, Duration boottime) {
    /** The host's own clocks. */
    public static final TimeOffsets NONE = new TimeOffsets(Duration.ZERO, Duration.ZERO);

    /** Whether the clocks inside are the host's. Asked at each launch: a record's equals is made at its first use, slowly. */
    public boolean areZero() {
        return monotonic.isZero() && boottime.isZero();
    }
}
