// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.IdMapping;
import dev.hutch.spec.SandboxSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that one launch's plan is made from. Immutable.
 *
 * @param spec the sandbox
 * @param hostname the host name inside
 * @param gids the user namespace's gid map; empty without a user namespace
 * @param switchesIds whether ids other than the map's root may be taken: not with a plain user's single-id map
 * @param cgroups what /sys/fs/cgroup shows
 * @param network what its container is attached to
 * @param filter the seccomp program; empty for none
 * @param arguments the command and its arguments
 * @param environment as the command gets it
 * @param directory where it starts, absolute
 * @param terminal whether standard input is a terminal of the sandbox's own, to be its controlling one
 * @param fence what stands in for namespaces; null in a container
 */
public record Launch(
        SandboxSpec spec,
        String hostname,
        List<IdMapping> gids,
        boolean switchesIds,
        CgroupView cgroups,
        Attached network,
        byte[] filter,
        List<String> arguments,
        Map<String, String> environment,
        String directory,
        boolean terminal,
        @Nullable Fence fence) {
    /** What is known of one before there is a command. */
    public static Launch before(
            SandboxSpec spec,
            String hostname,
            List<IdMapping> gids,
            boolean switchesIds,
            CgroupView cgroups,
            Attached network) {
        return new Launch(
                spec,
                hostname,
                gids,
                switchesIds,
                cgroups,
                network,
                new byte[0],
                List.of(),
                Map.of(),
                "/",
                false,
                null);
    }

    /** Whether anything leads out of its network namespace, or its files tell of more than loopback. */
    public boolean isAttached() {
        return !network.isNothing();
    }

    public Launch withFence(@Nullable Fence other) {
        return with(filter, arguments, environment, directory, terminal, other);
    }

    public Launch withFilter(byte[] program) {
        return with(program, arguments, environment, directory, terminal, fence);
    }

    public Launch withCommand(List<String> words, Map<String, String> variables, String folder, boolean onTerminal) {
        return with(filter, words, variables, folder, onTerminal, fence);
    }

    private Launch with(
            byte[] program,
            List<String> words,
            Map<String, String> variables,
            String folder,
            boolean onTerminal,
            @Nullable Fence other) {
        return new Launch(
                spec,
                hostname,
                gids,
                switchesIds,
                cgroups,
                network,
                program,
                words,
                variables,
                folder,
                onTerminal,
                other);
    }
}
