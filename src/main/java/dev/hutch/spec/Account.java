// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a sandbox used.
 *
 * <p>System calls that the seccomp filter refused are not here: the kernel counts them nowhere. One that it answers with a
 * kill shows as {@link Outcome.Signalled}.
 *
 * @param wall from execve to the end of the command
 * @param cpu user and system time of all processes inside, the cgroup's figure where there is one
 * @param user the user part
 * @param system the kernel's part
 * @param peakMemory most bytes charged at once, page cache included; 0 where no cgroup tells
 * @param peakPids most tasks at once; 0 where the kernel doesn't tell (before 6.1 on v2)
 * @param oomKills processes ended by the OOM killer
 * @param pidsLimitHits forks refused
 * @param voluntarySwitches context switches because there was something to wait for; of the command and of those of its
 *     children that were waited for, as getrusage(2) counts
 * @param involuntarySwitches context switches because others wanted the processor; likewise
 * @param bytesRead from block devices, by all processes inside: what the page cache had is not counted; empty where no
 *     cgroup tells; v2 io.stat; v1 blkio.throttle.io_service_bytes, which newer kernels fill only for devices that
 *     some cgroup throttles (6.18), or only for what this one's own throttles concern, reads or writes (6.1)
 * @param bytesWritten to block devices, until the end: what still waits in the page cache is not counted, nor on v1 what
 *     the kernel writes from it later
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
        long involuntarySwitches,
        OptionalLong bytesRead,
        OptionalLong bytesWritten) {
    /** Of a program that no container held: nothing but its wall time is known. */
    public static Account uncounted(Duration wall) {
        OptionalLong unknown = OptionalLong.empty();
        return new Account(wall, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0, 0, unknown, unknown);
    }
}
