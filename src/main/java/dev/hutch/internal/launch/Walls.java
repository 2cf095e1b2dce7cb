// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.Launch;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The walls of a sandbox, as its result lists them: what stands, and what the caller took down. */
final class Walls {
    private Walls() {}

    static List<Enforced> of(Launch launch, Ids ids) {
        SandboxSpec spec = launch.spec();
        List<Enforced> walls = new ArrayList<>();
        if (launch.fence() != null) {
            walls.addAll(FencedWalls.of(spec, ids, launch.fence()));
        } else {
            container(walls, spec, ids);
        }
        walls.add(Enforced.yes("capabilities", spec.capabilities().toString()));
        walls.add(Enforced.yes("no-new-privs", "1"));
        walls.add(
                spec.seccomp() instanceof SeccompProfile.Unconfined
                        ? Enforced.no("seccomp", "unconfined", "asked for")
                        : Enforced.yes("seccomp", launch.filter().length / 8 + " instructions"));
        for (Rlimit limit : Rlimits.of(spec)) {
            walls.add(Enforced.yes(
                    "rlimit-" + limit.resource().name().toLowerCase(java.util.Locale.ROOT),
                    limit.soft() + ":" + limit.hard()));
        }
        diskSpace(walls, spec, launch.fence() != null);
        return walls;
    }

    /** Where the program writes to a disk, and not to memory, which has its limit. */
    private static void diskSpace(List<Enforced> walls, SandboxSpec spec, boolean fenced) {
        List<String> places = new ArrayList<>();
        SetIdFiles.writable(spec).forEach(path -> places.add(path.toString()));
        if (fenced) {
            places.add(0, "the sandbox's own folder");
        }
        String why = fenced ? "no quota: nothing bounds " : "asked for: nothing bounds ";
        if (!places.isEmpty()) {
            walls.add(Enforced.no("disk-space", "the disk's", why + String.join(", ", places)));
        }
    }

    private static void container(List<Enforced> walls, SandboxSpec spec, Ids ids) {
        for (Namespace namespace : Namespace.values()) {
            String name = namespace.procName() + "-namespace";
            walls.add(
                    spec.isNew(namespace)
                            ? Enforced.yes(name, "own")
                            : namespace == Namespace.NETWORK && spec.network().isJoined()
                                    ? Enforced.no(name, spec.network().toString(), "asked for: that one is used")
                                    : Enforced.no(name, "host", "asked for: the host's is used"));
        }
        if (ids.mapped()) {
            walls.add(Enforced.yes("uid-map", ids.maps().uids().toString()));
            walls.add(
                    ids.kept().isEmpty()
                            ? Enforced.yes("groups", spec.user().groups().toString())
                            : Enforced.no(
                                    "groups",
                                    ids.kept().toString(),
                                    "a single-id map can't drop the caller's supplementary groups: with subordinate ids"
                                            + " it could (hutch doctor)"));
        }
        if (spec.network().egress() != null) {
            walls.add(Enforced.yes(
                    "egress", spec.network().egress().destinations().toString()));
        }
        if (spec.hasPathsPastEgress()) {
            walls.add(
                    spec.allow().contains(Allow.UNIX_SOCKETS)
                            ? Enforced.no(
                                    "unix-sockets",
                                    "allowed",
                                    "asked for: one in a folder of the host's leads past the egress list")
                            : Enforced.yes("unix-sockets", "none but pairs"));
        }
        walls.add(mounts(spec, "masked-paths"));
        walls.add(mounts(spec, "read-only-mounts"));
    }

    /** What ends a command: of each one in a container, while walls are the container's. */
    static List<Enforced> deadlines(SandboxSpec spec, @Nullable Duration wallTime, boolean cpuCounted) {
        List<Enforced> deadlines = new ArrayList<>();
        if (wallTime != null) {
            deadlines.add(Enforced.yes("timeout", wallTime.toString()));
        }
        if (spec.cpuTime() != null) {
            String limit = spec.cpuTime().toString();
            deadlines.add(
                    cpuCounted
                            ? Enforced.yes("cpu-time", limit)
                            : Enforced.no("cpu-time", limit, "no cgroup counts the processor time"));
        }
        if (spec.softStop() != null && (wallTime != null || spec.cpuTime() != null)) {
            deadlines.add(Enforced.yes(
                    "soft-stop",
                    spec.softStop().signal() + ", killed after "
                            + spec.softStop().grace()));
        }
        if (spec.outputLimit() != null) {
            deadlines.add(Enforced.yes(
                    "output-limit", Long.toString(spec.outputLimit().bytes())));
        }
        return deadlines;
    }

    private static Enforced mounts(SandboxSpec spec, String wall) {
        return spec.capabilities().contains(Capability.SYS_ADMIN)
                ? Enforced.no(wall, "set", "CAP_SYS_ADMIN inside can lift them")
                : Enforced.yes(wall, "set");
    }
}
