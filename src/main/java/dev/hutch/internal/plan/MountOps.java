// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The caller's own mounts, in order, each resolved beneath the new root. */
final class MountOps {
    private final Host host;
    private final SandboxSpec spec;
    private final List<Op> ops;
    private final Folders folders;

    MountOps(Host host, SandboxSpec spec, List<Op> ops) {
        this.host = host;
        this.spec = spec;
        this.ops = ops;
        this.folders = new Folders(ops, Op.MAY_EXIST);
    }

    void all() {
        home();
        for (Mount mount : spec.mounts()) {
            String target = Folders.relative(mount.destination());
            if (mount instanceof Mount.Bind bind) {
                bind(bind.source(), target, bind.readOnly() ? Op.RDONLY : 0, FdSource.Owner.AS_IS);
            } else if (mount instanceof Mount.Tmpfs tmpfs) {
                folders.make(target);
                tmpfs(target, tmpfs.size().bytes(), tmpfs.mode(), 0);
            } else if (mount instanceof Mount.Overlay overlay) {
                overlay(overlay, target);
            }
        }
    }

    /** A writable home, or the workspace in its place. */
    private void home() {
        String home = RootOps.home(spec).substring(1);
        Path workspace = spec.workspace();
        if (workspace != null) {
            bind(workspace, home, 0, FdSource.Owner.USER_INSIDE);
        } else if (spec.rootfs() instanceof Rootfs.HostView) {
            tmpfs(home, 0, 0755, spec.user().uid());
        }
    }

    void tmp() {
        tmpfs("tmp", 0, 01777, 0);
    }

    private void tmpfs(String target, long size, int mode, long owner) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("mode", Integer.toOctalString(mode));
        options.put("size", Long.toString(size == 0 ? spec.limits().memory().bytes() : size));
        if (owner != 0) {
            options.put("uid", Long.toString(owner));
            options.put("gid", Long.toString(spec.user().gid()));
        }
        ops.add(Op.mountFs("tmpfs", target, options, Op.NOSUID | Op.NODEV, 0));
    }

    private void bind(Path source, String target, long readOnly, FdSource.Owner owner) {
        RootOps.mountPoint(ops, folders, source, target);
        long attributes = readOnly | Op.NOSUID | Op.NODEV;
        ops.add(
                host.privileged()
                        ? Op.mountTree(new FdSource.Tree(source, true, attributes, owner), target, 0)
                        : Op.mountTree(source.toString(), target, attributes, Op.RECURSIVE));
    }

    /**
     * The layers are staged in a file system in memory at the target itself, which the overlay then covers. The kernel
     * resolves mount options by path, where the host is still in sight and a symlink of the root's leads to it. So
     * they are relative: the child's working directory is the file system that was mounted last, by its descriptor.
     */
    private void overlay(Mount.Overlay overlay, String target) {
        folders.make(target);
        tmpfs(target, 0, 0755, 0);
        List<String> lower = new ArrayList<>();
        for (int i = 0; i < overlay.lower().size(); i++) {
            String layer = "l" + i;
            ops.add(Op.mkdir(target, layer, 0755, 0));
            ops.add(
                    host.privileged()
                            ? Op.mountTree(
                                    new FdSource.Tree(
                                            overlay.lower().get(i), true, Op.NOSUID | Op.NODEV, FdSource.Owner.SHIFTED),
                                    target + "/" + layer,
                                    0)
                            : Op.mountTree(
                                    overlay.lower().get(i).toString(),
                                    target + "/" + layer,
                                    Op.NOSUID | Op.NODEV,
                                    Op.RECURSIVE));
            lower.add(layer);
        }
        ops.add(Op.mkdir(target, "upper", 0755, 0));
        ops.add(Op.mkdir(target, "work", 0755, 0));
        Map<String, String> options = RootOps.layers(String.join(":", lower));
        ops.add(Op.mountFs("overlay", target, options, Op.NOSUID | Op.NODEV, 0));
    }
}
