// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.spec.Account;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.Signal;
import java.time.Duration;

/** How a sandbox ended and what it used: from the wait status and the cgroup's own counters, never from exit codes. */
public final class Verdict {
    private static final int SIGKILL = 9;

    private Verdict() {}

    static Outcome outcome(Report report, CgroupUsage usage, LiveChild child) {
        LiveChild.Ending ending = child.ending();
        int signal = report.signal();
        boolean ours = signal == SIGKILL || child.wasAskedBefore(report.endNanos());
        if (ending != null && ending != LiveChild.Ending.DESTROYED && ours) {
            return switch (ending) {
                case TIMEOUT -> new Outcome.Timeout();
                case CPU_TIMEOUT -> new Outcome.CpuTimeout();
                default -> new Outcome.OutputLimit();
            };
        }
        if (signal == SIGKILL && ending == null && usage.oomKills() > 0) {
            return usage.memoryLimitHits() > 0 ? new Outcome.OutOfMemory() : new Outcome.HostOutOfMemory();
        }
        return signal == 0
                ? new Outcome.Exited(report.status() >> 8 & 0xff)
                : new Outcome.Signalled(new Signal(signal));
    }

    /**
     * @param cpuBefore nanoseconds of processor time that the set-up took, in the same cgroup
     * @param clockOffset of the command's CLOCK_MONOTONIC, by which it stamped its execve
     */
    static Account account(Report report, CgroupUsage usage, long cpuBefore, Duration clockOffset) {
        Duration user = Duration.ofNanos(report.userMicros() * 1000);
        Duration system = Duration.ofNanos(report.systemMicros() * 1000);
        if (usage.cpuCounted()) {
            Duration own = usage.cpuSince(cpuBefore);
            user = usage.userPart(own);
            system = own.minus(user);
        }
        long end = report.endNanos() == 0 ? System.nanoTime() : report.endNanos();
        boolean ran = report.execNanos() != 0;
        return new Account(
                Duration.ofNanos(ran ? Math.max(0, end - report.execNanos() + clockOffset.toNanos()) : 0),
                user.plus(system),
                user,
                system,
                usage.memoryPeak(),
                usage.pidsPeak(),
                usage.oomKills(),
                usage.pidsLimitHits(),
                report.voluntarySwitches(),
                report.involuntarySwitches(),
                usage.bytesRead(),
                usage.bytesWritten());
    }
}
