// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** {@code dev.hutch.Exit}. */
@Name("dev.hutch.Exit")
@Label("Sandbox Exit")
@Description("A sandbox has ended")
@Category("Hutch")
@StackTrace(false)
final class ExitEvent extends Event {
    @Label("pid of the command")
    long sandboxPid;

    @Label("pid of the command that its container was made for")
    long containerPid;

    @Label("name of the sandbox")
    @Nullable
    String name;

    @Label("outcome")
    @Nullable
    String outcome;

    @Label("exit status")
    int exitStatus;

    @Label("wall time")
    @Timespan
    long wall;

    @Label("user time")
    @Timespan
    long user;

    @Label("system time")
    @Timespan
    long system;

    @Label("peak memory")
    @DataAmount
    long peakMemory;

    @Label("peak tasks")
    long peakPids;

    @Label("processes killed for lack of memory")
    long oomKills;

    @Label("forks refused")
    long pidsLimitHits;

    @Label("voluntary context switches")
    long voluntarySwitches;

    @Label("involuntary context switches")
    long involuntarySwitches;

    @Label("bytes read from block devices, -1 where no cgroup tells")
    @DataAmount
    long bytesRead;

    @Label("bytes written to block devices, -1 where no cgroup tells")
    @DataAmount
    long bytesWritten;
}
