// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jfr;

import dev.hutch.spec.Account;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxResult;
import jdk.jfr.FlightRecorder;

/**
 * Events for the flight recorder. Their classes are loaded only once it runs: until then a launch asks one flag, and where
 * the JDK has no jdk.jfr not even that. Thread-safe.
 */
public final class Recorder {
    private static final long UNKNOWN = -1;

    private static final boolean THERE =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private Recorder() {}

    /** Whether anybody has started the flight recorder in this JVM. */
    public static boolean isRecording() {
        return THERE && Flight.isOn();
    }

    public static void launched(RunningSandbox sandbox) {
        LaunchEvent event = new LaunchEvent();
        if (event.shouldCommit()) {
            event.sandboxPid = sandbox.pid();
            event.containerPid = sandbox.containerPid();
            event.name = sandbox.spec().name();
            event.cgroup = sandbox.setup().cgroup().toNanos();
            event.fork = sandbox.setup().fork().toNanos();
            event.ids = sandbox.setup().ids().toNanos();
            event.plan = sandbox.setup().plan().toNanos();
            event.total = sandbox.setup().total().toNanos();
            event.commit();
        }
    }

    public static void exited(RunningSandbox sandbox, SandboxResult result) {
        Account account = result.account();
        // Who joined has its container's kills in its account, and that tells them itself.
        if (account.oomKills() > 0 && !sandbox.joined()) {
            OutOfMemoryEvent event = new OutOfMemoryEvent();
            event.sandboxPid = sandbox.pid();
            event.name = sandbox.spec().name();
            event.kills = account.oomKills();
            event.peakMemory = account.peakMemory();
            event.commit();
        }
        ExitEvent event = new ExitEvent();
        if (event.shouldCommit()) {
            event.sandboxPid = sandbox.pid();
            event.containerPid = sandbox.containerPid();
            event.name = sandbox.spec().name();
            event.outcome = result.outcome().word();
            event.exitStatus = result.exitStatus();
            event.wall = account.wall().toNanos();
            event.user = account.user().toNanos();
            event.system = account.system().toNanos();
            event.peakMemory = account.peakMemory();
            event.peakPids = account.peakPids();
            event.oomKills = account.oomKills();
            event.pidsLimitHits = account.pidsLimitHits();
            event.voluntarySwitches = account.voluntarySwitches();
            event.involuntarySwitches = account.involuntarySwitches();
            event.bytesRead = account.bytesRead().orElse(UNKNOWN);
            event.bytesWritten = account.bytesWritten().orElse(UNKNOWN);
            event.commit();
        }
    }

    /** Apart, so that nothing of jdk.jfr is looked for where it is missing. */
    private static final class Flight {
        static boolean isOn() {
            return FlightRecorder.isInitialized();
        }
    }
}
