// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/** The walls of a sandbox, as its result lists them: what stands, and what the caller took down. */
final class Walls {
    private Walls() {}

    /** @param filter length of the seccomp program in instructions */
    static List<Enforced> of(SandboxSpec spec, Ids ids, int filter) {
        List<Enforced> walls = new ArrayList<>();
        for (Namespace namespace : Namespace.values()) {
            String name = namespace.procName() + "-namespace";
            walls.add(
                    spec.isNew(namespace)
                            ? Enforced.yes(name, "own")
                            : Enforced.no(name, "host", "asked for: the host's is used"));
        }
        if (ids.mapped()) {
            walls.add(Enforced.yes("uid-map", ids.maps().uids().toString()));
            walls.add(
                    ids.switches()
                            ? Enforced.yes("groups", spec.user().groups().toString())
                            : Enforced.no("groups", "the caller's", "a single-id map can't drop supplementary groups"));
        }
        walls.add(Enforced.yes("capabilities", spec.capabilities().toString()));
        walls.add(Enforced.yes("no-new-privs", "1"));
        walls.add(
                spec.seccomp() instanceof SeccompProfile.Unconfined
                        ? Enforced.no("seccomp", "unconfined", "asked for")
                        : Enforced.yes("seccomp", filter + " instructions"));
        for (Rlimit limit : Rlimits.of(spec)) {
            walls.add(Enforced.yes(
                    "rlimit-" + limit.resource().name().toLowerCase(java.util.Locale.ROOT),
                    limit.soft() + ":" + limit.hard()));
        }
        walls.add(mounts(spec, "masked-paths"));
        walls.add(mounts(spec, "read-only-mounts"));
        if (spec.workspace() != null) {
            walls.add(Enforced.no(
                    "workspace-size", "the disk's", "no quota: a folder on disk is bounded by nothing else"));
        }
        return walls;
    }

    private static Enforced mounts(SandboxSpec spec, String wall) {
        return spec.capabilities().contains(Capability.SYS_ADMIN)
                ? Enforced.no(wall, "set", "CAP_SYS_ADMIN inside can lift them")
                : Enforced.yes(wall, "set");
    }

    /**
     * A root that is written to through an id-mapped mount makes files that ids of the host own. With set-id bits allowed,
     * the program inside could leave a program there that gives those ids to whoever runs it on the host.
     *
     * @throws SandboxException if the root can be changed, set-id bits are allowed, and others can reach it on the host
     */
    static void checkSetIdBits(SandboxSpec spec) throws SandboxException {
        if (!spec.allow().contains(Allow.SET_ID_BITS)
                || !(spec.rootfs() instanceof Rootfs.Directory root)
                || root.readOnly()
                || root.ephemeral()) {
            return;
        }
        try {
            if (reachableByOthers(root.path())) {
                throw new SandboxException(
                        "rootfs",
                        root.path().toString(),
                        Errno.EPERM,
                        "with --allow set-id-bits a writable root must not be reachable by other users of the host:"
                                + " chmod 700 a folder above it, or use --ephemeral or --read-only");
            }
        } catch (IOException e) {
            throw new SandboxException("rootfs", root.path().toString(), "can't tell who may reach it", e);
        }
    }

    private static boolean reachableByOthers(Path folder) throws IOException {
        for (Path path = folder; path != null; path = path.getParent()) {
            if (!Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }
}
