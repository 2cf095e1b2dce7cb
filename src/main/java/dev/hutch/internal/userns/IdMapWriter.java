// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.SandboxException;

/**
 * Writes a child's maps while it waits for them; the child is dumpable till then, else a plain user could not. Its pid
 * can't have been given to another process, since the zygote has not reaped it.
 */
public final class IdMapWriter {
    private static final String CURE = "user namespaces may be forbidden here: see hutch doctor";

    private final Kernel kernel;
    private final boolean mapsIds;

    /** @param mapsIds whether any ids may be mapped, as CAP_SETUID and CAP_SETGID allow */
    public IdMapWriter(Kernel kernel, boolean mapsIds) {
        this.kernel = kernel;
        this.mapsIds = mapsIds;
    }

    /**
     * Writes uid_map and gid_map of the process, each once and for ever.
     *
     * @throws SandboxException if the kernel refuses, or newuidmap(1) where ids of others are mapped by a plain user
     */
    public void write(int pid, IdMaps maps) throws SandboxException {
        if (!mapsIds && !maps.isSingle()) {
            NewIdMapCommand.run("newuidmap", pid, maps.uids());
            NewIdMapCommand.run("newgidmap", pid, maps.gids());
            return;
        }
        if (!mapsIds) {
            // Else a process could leave groups that a file's mode shuts out; the kernel then refuses gid_map. As root
            // it
            // would make the child's own setgroups(2) fail.
            write(pid, "setgroups", "deny");
        }
        write(pid, "uid_map", maps.uidText());
        write(pid, "gid_map", maps.gidText());
    }

    private void write(int pid, String file, String text) throws SandboxException {
        try {
            kernel.write("/proc/" + pid + "/" + file, text);
        } catch (KernelException refusal) {
            throw refusal.withCure("of " + text.trim() + "; " + CURE);
        }
    }
}
