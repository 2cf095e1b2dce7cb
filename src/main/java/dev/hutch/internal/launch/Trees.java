// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.function.Consumer;

/**
 * Opens detached copies of the host's mounts, as root; each goes to one container and is closed after it was sent. A copy
 * of a shared mount, as all are where systemd runs, is its peer: what is mounted in one appears in the other. So each is
 * made private.
 */
final class Trees {
    private static final long MOUNT_ATTR_IDMAP = 0x00100000;

    /** Gives a descriptor of a user namespace that maps the owner of a folder to the user inside. */
    interface OwnerMaps {
        int open(Kernel.Stat folder) throws SandboxException;
    }

    private final Kernel kernel;
    private final Sources sources;

    Trees(Kernel kernel) {
        this.kernel = kernel;
        this.sources = new Sources(kernel);
    }

    Sources sources() {
        return sources;
    }

    int open(FdSource source, int userns) throws SandboxException {
        return open((FdSource.Tree) source, userns, folder -> -1, note -> {});
    }

    /**
     * @param userns the sandbox's user namespace, -1 without one
     * @param notes hears of a root whose owners can't be shifted: reading works, the owners show as nobody
     */
    int open(FdSource.Tree tree, int userns, OwnerMaps owners, Consumer<String> notes) throws SandboxException {
        int fd = clone(tree);
        try {
            if (tree.owner() == FdSource.Owner.USER_INSIDE) {
                mapOwner(tree, fd, owners);
            } else if (tree.owner() == FdSource.Owner.SHIFTED && userns >= 0) {
                shift(tree, fd, userns, notes);
            } else {
                kernel.mountSetattr(fd, tree.recursive(), tree.attributes(), 0, -1);
            }
            return fd;
        } catch (SandboxException | RuntimeException e) {
            kernel.close(fd);
            throw e;
        }
    }

    private int clone(FdSource.Tree tree) throws SandboxException {
        int source;
        try {
            source = sources.open(tree.path());
        } catch (KernelException e) {
            throw e.is(Errno.ENOENT) ? e.withCure("the mount source does not exist") : e;
        }
        try {
            return kernel.cloneTree(source, "", tree.recursive());
        } finally {
            kernel.close(source);
        }
    }

    private void shift(FdSource.Tree tree, int fd, int userns, Consumer<String> notes) throws SandboxException {
        try {
            kernel.mountSetattr(fd, tree.recursive(), tree.attributes() | MOUNT_ATTR_IDMAP, 0, userns);
        } catch (KernelException e) {
            if (!e.is(Errno.EINVAL)) {
                throw e;
            }
            notes.accept("the file system of " + tree.path() + " can't be idmapped: owners show as nobody");
            kernel.mountSetattr(fd, tree.recursive(), tree.attributes(), 0, -1);
        }
    }

    private void mapOwner(FdSource.Tree tree, int fd, OwnerMaps owners) throws SandboxException {
        int userns = owners.open(kernel.fstat(fd));
        try {
            long idmap = userns < 0 ? 0 : MOUNT_ATTR_IDMAP;
            kernel.mountSetattr(fd, tree.recursive(), tree.attributes() | idmap, 0, userns);
        } catch (KernelException e) {
            throw e.is(Errno.EINVAL)
                    ? new SandboxException(
                            "workspace",
                            tree.path().toString(),
                            Errno.EINVAL,
                            "its file system can't be idmapped, so it can't belong to the user inside: put it on ext4,"
                                    + " xfs or btrfs")
                    : e;
        } finally {
            if (userns >= 0) {
                kernel.close(userns);
            }
        }
    }
}
