// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** {@code dev.hutch.OutOfMemory}. */
@Name("dev.hutch.OutOfMemory")
@Label("Sandbox Out of Memory")
@Description("The OOM killer ended processes of a sandbox")
@Category("Hutch")
@StackTrace(false)
final class OutOfMemoryEvent extends Event {
    @Label("pid of the command")
    long sandboxPid;

    @Label("name of the sandbox")
    @Nullable
    String name;

    @Label("processes killed")
    long kills;

    @Label("peak memory")
    @DataAmount
    long peakMemory;
}
