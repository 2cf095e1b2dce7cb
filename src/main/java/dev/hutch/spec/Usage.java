// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a sandbox uses at one moment, by its cgroup's counters. A figure that this machine doesn't tell is empty, never
 * zero. Immutable.
 *
 * @param cpu user and system time of all processes inside since the start of the command; v1 cpuacct.usage, v2 cpu.stat
 * @param user the user part
 * @param system the kernel's part
 * @param memory bytes charged now, page cache included; v1 memory.usage_in_bytes, v2 memory.current
 * @param peakMemory most bytes charged at once; v1 memory.max_usage_in_bytes, v2 memory.peak (since Linux 5.19)
 * @param pids tasks (processes and threads, init included) now; pids.current
 * @param peakPids most tasks at once; pids.peak (since Linux 6.1)
 * @param bytesRead from block devices; v2 io.stat, v1 blkio.throttle.io_service_bytes, as {@link Account} says
 * @param bytesWritten to block devices
 * @param cpuPressure time lost waiting for processors; version 2 only, as the next two
 * @param memoryPressure time lost for want of memory
 * @param ioPressure time lost waiting for disks
 * @since 0.1
 */
public record Usage(
        Optional<Duration> cpu,
        Optional<Duration> user,
        Optional<Duration> system,
        OptionalLong memory,
        OptionalLong peakMemory,
        OptionalLong pids,
        OptionalLong peakPids,
        OptionalLong bytesRead,
        OptionalLong bytesWritten,
        Optional<Pressure> cpuPressure,
        Optional<Pressure> memoryPressure,
        Optional<Pressure> ioPressure) {
    /** Of a machine that tells nothing. */
    public static final Usage NONE = new Usage(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
}
