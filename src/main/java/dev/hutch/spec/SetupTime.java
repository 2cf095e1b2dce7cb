// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;

/**
 * How long a launch took, step by step.
 *
 * @param cgroup making the cgroup and writing its limits
 * @param fork from the request until the child exists
 * @param ids writing the id maps and answering the child
 * @param plan walking the plan, up to execve
 * @since 0.1
 */
public record SetupTime(Duration cgroup, Duration fork, Duration ids, Duration plan) {
    /** Of what was set up before it was asked for, or by nobody. */
    public static final SetupTime NONE = new SetupTime(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /** All steps together. */
    public Duration total() {
        return cgroup.plus(fork).plus(ids).plus(plan);
    }
}
