// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;

/**
 * What a sandbox used.
 *
 * @param wall from execve to the end of the command
 * @param cpu user and system time of all processes inside, the cgroup's figure where there is one
 * @param user the user part
 * @param system the kernel's part
 * @param peakMemory most bytes charged at once, page cache included; 0 where no cgroup tells
 * @param peakPids most tasks at once; 0 where the kernel doesn't tell (before 6.1 on v2)
 * @param oomKills processes ended by the OOM killer
 * @param pidsLimitHits forks refused
 * @param voluntarySwitches context switches while waiting
 * @param involuntarySwitches context switches by preemption
 * @since 0.1
 */
public record Account(
        Duration wall,
        Duration cpu,
        Duration user,
        Duration system,
        long peakMemory,
        long peakPids,
        long oomKills,
        long pidsLimitHits,
        long voluntarySwitches,
        long involuntarySwitches) {}
