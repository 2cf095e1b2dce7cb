// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.Launch;
import dev.hutch.spec.SandboxSpec;
import java.util.List;
import java.util.Map;

/**
 * What is to be run in a sandbox of which spec.
 *
 * @param arguments the command and its arguments
 * @param environment the whole of it
 * @param directory absolute, inside; empty for the sandbox's own folder, which one without a mount namespace has
 * @param streams descriptors for 0, 1 and 2; they stay the caller's
 * @param made which of the streams are pipes or files that we made for this sandbox: they become the user inside's
 * @param terminal whether stream 0 is a terminal to be the controlling one
 * @param helper whether the program is Hutch's own, which is nowhere inside: see {@link #hold}
 */
public record LaunchRequest(
        SandboxSpec spec,
        List<String> arguments,
        Map<String, String> environment,
        String directory,
        int[] streams,
        boolean[] made,
        boolean terminal,
        boolean helper) {
    /** In place of a container's main program: does nothing, reaps, and can't be ended from inside as PID 1. */
    public static LaunchRequest hold(SandboxSpec spec, int nullDevice) {
        return helper(spec, nullDevice, "--hold");
    }

    /**
     * Ends all others in a pid namespace but PID 1, as the user inside may: exits with 0, with 255 where there was nobody,
     * or with 1 in the host's pid namespace, where it ends nobody.
     */
    public static LaunchRequest endOthers(SandboxSpec spec, int nullDevice) {
        return helper(spec, nullDevice, "--end-others");
    }

    /** The launch, which knew all but the command. */
    Launch completes(Launch launch) {
        return launch.withCommand(arguments, environment, directory, terminal);
    }

    private static LaunchRequest helper(SandboxSpec spec, int nullDevice, String what) {
        int[] streams = {nullDevice, nullDevice, nullDevice};
        return new LaunchRequest(
                spec, List.of("hutch-session", what), Map.of(), "/", streams, new boolean[3], false, true);
    }
}
