// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.Fence;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxSpec;
import java.util.ArrayList;
import java.util.List;

/** The walls of a sandbox behind Landlock: what stands, and what a container would have and this has not. */
final class FencedWalls {
    private FencedWalls() {}

    static List<Enforced> of(SandboxSpec spec, Ids ids, Fence fence) {
        List<Enforced> walls = new ArrayList<>();
        walls.add(Enforced.yes("landlock", "version " + fence.version()));
        for (Namespace namespace : Namespace.values()) {
            walls.add(Enforced.no(
                    namespace.procName() + "-namespace", "host", "isolation landlock: " + instead(namespace)));
        }
        walls.add(
                spec.network().kind() == Network.Kind.NONE
                        ? Enforced.yes("network", "no sockets")
                        : Enforced.no("network", "host", "asked for: the host's is used"));
        walls.add(Enforced.yes("signals", signals(fence)));
        walls.add(
                fence.user() != null
                        ? Enforced.yes("ids", "the host's " + fence.user())
                        : Enforced.no("ids", "the caller's", "isolation landlock: a plain user has no others"));
        if (!ids.kept().isEmpty()) {
            walls.add(Enforced.no("groups", ids.kept().toString(), "a plain user can't drop supplementary groups"));
        }
        if (fence.user() == null) {
            walls.add(Enforced.no(
                    "file-attributes",
                    "the caller's",
                    "Landlock does not govern modes, times, owners and extended attributes of files that the caller"
                            + " owns"));
        }
        return walls;
    }

    private static String instead(Namespace namespace) {
        return switch (namespace) {
            case MOUNT -> "paths are the host's, rules say which open; names and attributes of all can be seen";
            case PID -> "the host's processes and their command lines can be seen";
            case NETWORK -> "the filter refuses sockets that are not asked for";
            case IPC -> "the filter refuses System V's and POSIX's objects";
            case USER -> "there is none";
            case UTS, CGROUP, TIME -> "the host's is seen";
        };
    }

    private static String signals(Fence fence) {
        if (fence.scopesSignals()) {
            return "not beyond the sandbox";
        }
        return fence.user() != null ? "its ids are nobody else's" : "to the own process group alone, by the filter";
    }
}
