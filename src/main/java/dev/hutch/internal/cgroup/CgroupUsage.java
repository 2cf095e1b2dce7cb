// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.Usage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container used and which of its limits it met, for the verdict. All zero where no cgroup counts.
 *
 * @param cpuCounted whether the cgroup counts processor time at all
 * @param cpu of all processes, the killed and the unreaped too; v1 cpuacct.usage, v2 cpu.stat
 * @param user its part in programs
 * @param system its part in the kernel
 * @param memoryPeak most bytes charged at once, page cache included; v1 memory.max_usage_in_bytes, v2 memory.peak
 * @param memoryLimitHits where there are {@code oomKills}: whether our own limit led to them; v2 {@code oom}, v1
 *     failcnt
 * @param oomKills processes ended by the OOM killer
 * @param pidsPeak most tasks at once; 0 where the kernel doesn't tell
 * @param pidsLimitHits forks refused for the container's own limit
 * @param bytesRead from block devices; empty where the machine doesn't tell
 * @param bytesWritten to block devices, likewise
 */
public record CgroupUsage(
        boolean cpuCounted,
        Duration cpu,
        Duration user,
        Duration system,
        long memoryPeak,
        long memoryLimitHits,
        long oomKills,
        long pidsPeak,
        long pidsLimitHits,
        OptionalLong bytesRead,
        OptionalLong bytesWritten) {
    public static final CgroupUsage NOTHING = new CgroupUsage(
            false,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            0,
            0,
            0,
            0,
            0,
            OptionalLong.empty(),
            OptionalLong.empty());

    /** {@code cpu} without so many nanoseconds that were used before. */
    public Duration cpuSince(long before) {
        return Duration.ofNanos(Math.max(0, cpu.toNanos() - before));
    }

    /** With what was met before left out; peaks can't be. */
    public CgroupUsage since(CgroupUsage before) {
        return new CgroupUsage(
                cpuCounted,
                cpu,
                user,
                system,
                memoryPeak,
                memoryLimitHits - before.memoryLimitHits,
                oomKills - before.oomKills,
                pidsPeak,
                pidsLimitHits - before.pidsLimitHits,
                minus(bytesRead, before.bytesRead),
                minus(bytesWritten, before.bytesWritten));
    }

    private static OptionalLong minus(OptionalLong now, OptionalLong before) {
        return now.isEmpty() ? now : OptionalLong.of(now.getAsLong() - before.orElse(0));
    }

    /** Parts an exact time in the proportion of two counters; all of it is user time where they have counted nothing. */
    static Duration userPart(Duration exact, long user, long all) {
        return all == 0 ? exact : Duration.ofNanos((long) ((double) exact.toNanos() * user / all));
    }

    /** Of a part of {@code cpu}, the time in programs, in proportion. */
    public Duration userPart(Duration part) {
        return userPart(part, user.toNanos(), cpu.toNanos());
    }

    /**
     * As it is told when nobody is inside any more: times and peaks.
     *
     * @param cpuBefore nanoseconds of processor time that are left out of the count
     */
    public Usage asLast(long cpuBefore) {
        Optional<Duration> own = cpuCounted ? Optional.of(cpuSince(cpuBefore)) : Optional.empty();
        Optional<Duration> inPrograms = own.map(this::userPart);
        return new Usage(
                own,
                inPrograms,
                own.map(all -> all.minus(inPrograms.orElseThrow())),
                OptionalLong.empty(),
                positive(memoryPeak),
                OptionalLong.empty(),
                positive(pidsPeak),
                bytesRead,
                bytesWritten,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static OptionalLong positive(long figure) {
        return figure > 0 ? OptionalLong.of(figure) : OptionalLong.empty();
    }
}
