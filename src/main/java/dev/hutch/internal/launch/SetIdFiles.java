// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Mount;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files that ids of the host own are made in a root or a workspace that is written to: id-mapped as root, by its own id as
 * a plain user. With set-id bits or file capabilities on them, the program inside could leave a program there that
 * gives those ids, the host's root among them, to whoever runs it on the host.
 */
final class SetIdFiles {
    private SetIdFiles() {}

    /** @throws SandboxException if set-id files can be made in a folder that others can reach on the host */
    static void check(SandboxSpec spec) throws SandboxException {
        String way = way(spec);
        if (way == null) {
            return;
        }
        for (Path folder : writable(spec)) {
            try {
                if (reachableByOthers(folder.toRealPath())) {
                    throw new SandboxException(
                            "write to",
                            folder.toString(),
                            Errno.EPERM,
                            "with " + way + " a writable folder must not be reachable by other users of the host: chmod"
                                    + " 700 a folder above it, or use it read-only, or --ephemeral");
                }
            } catch (IOException e) {
                throw e instanceof SandboxException told
                        ? told
                        : new SandboxException("write to", folder.toString(), "can't tell who may reach it", e);
            }
        }
    }

    /** What lets the program inside make such files, as the command line calls it. */
    private static @Nullable String way(SandboxSpec spec) {
        if (spec.allow().contains(Allow.SET_ID_BITS)) {
            return "--allow set-id-bits";
        }
        // A ring opens files with any mode, past the filter.
        if (spec.allow().contains(Allow.IO_URING)) {
            return "--allow io-uring";
        }
        if (spec.capabilities().contains(Capability.SETFCAP)) {
            return "--cap-add setfcap";
        }
        return spec.seccomp() instanceof SeccompProfile.Default ? null : "a seccomp profile other than the default";
    }

    /** The host's folders and files that the program inside can change. */
    static List<Path> writable(SandboxSpec spec) {
        List<Path> folders = new ArrayList<>();
        boolean remounts = spec.capabilities().contains(Capability.SYS_ADMIN)
                && spec.allow().contains(Allow.REMOUNT);
        if (spec.rootfs() instanceof Rootfs.Directory root && (remounts || (!root.readOnly() && !root.ephemeral()))) {
            folders.add(root.path());
        }
        if (spec.workspace() != null) {
            folders.add(spec.workspace());
        }
        for (Mount mount : spec.mounts()) {
            if (mount instanceof Mount.Bind bind && (remounts || !bind.readOnly())) {
                folders.add(bind.source());
            }
        }
        return folders;
    }

    /** A group's members are others too. */
    private static boolean reachableByOthers(Path folder) throws IOException {
        for (Path path = folder; path != null; path = path.getParent()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (!permissions.contains(PosixFilePermission.OTHERS_EXECUTE)
                    && !permissions.contains(PosixFilePermission.GROUP_EXECUTE)) {
                return false;
            }
        }
        return true;
    }
}
