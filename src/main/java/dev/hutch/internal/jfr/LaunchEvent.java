// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** {@code dev.hutch.Launch}. */
@Name("dev.hutch.Launch")
@Label("Sandbox Launch")
@Description("A sandbox was set up and its command started")
@Category("Hutch")
@StackTrace(false)
final class LaunchEvent extends Event {
    @Label("pid of the command")
    long sandboxPid;

    @Label("pid of the command that its container was made for")
    long containerPid;

    @Label("name of the sandbox")
    @Nullable
    String name;

    @Label("cgroup")
    @Timespan
    long cgroup;

    @Label("fork")
    @Timespan
    long fork;

    @Label("ids")
    @Timespan
    long ids;

    @Label("plan")
    @Timespan
    long plan;

    @Label("total")
    @Timespan
    long total;
}
