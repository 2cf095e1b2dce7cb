// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

/**
 * How often a container's limits were met so far, in counters that only grow.
 *
 * @param oomKills processes ended by the OOM killer; v1 memory.oom_control, v2 memory.events
 * @param pidsLimitHits forks refused for the container's own limit; pids.events
 */
public record LimitEvents(long oomKills, long pidsLimitHits) {
    /** Of a container whose limits were never met, or that no cgroup holds. */
    public static final LimitEvents NONE = new LimitEvents(0, 0);
}
