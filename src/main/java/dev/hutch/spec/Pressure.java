// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;

/**
 * Time that was lost for want of something (Documentation/accounting/psi.rst). Immutable.
 *
 * @param some while at least one task waited
 * @param full while no task got on; for processors, zero before Linux 5.13
 * @since 0.1
 */
public record Pressure(Stall some, Stall full) {
    /**
     * How much time was lost.
     *
     * @param average10 percent of the last 10 seconds, 0 to 100
     * @param average60 percent of the last minute
     * @param average300 percent of the last five minutes
     * @param total since the sandbox was made
     */
    public record Stall(double average10, double average60, double average300, Duration total) {
        /** No time was lost. */
        public static final Stall NONE = new Stall(0, 0, 0, Duration.ZERO);
    }
}
