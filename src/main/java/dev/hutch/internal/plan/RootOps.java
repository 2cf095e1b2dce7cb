// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.User;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What becomes "/": the view of the host, a folder, or a folder under a layer in memory. */
final class RootOps {
    /** Where files that differ from sandbox to sandbox stand; /etc is shared and links to them. */
    private static final String OWN = "run/hutch";

    private static final String RESOLV_CONF = "resolv.conf";

    /** Folders every root needs for what is mounted on it. */
    private static final List<String> MOUNT_POINTS = List.of("proc", "dev", "sys", "tmp");

    private static final long VIEW = Op.RDONLY | Op.NOSUID | Op.NODEV;

    private final Host host;
    private final SandboxSpec spec;
    private final List<Op> ops;

    RootOps(Host host, SandboxSpec spec, List<Op> ops) {
        this.host = host;
        this.spec = spec;
        this.ops = ops;
    }

    /** Puts the root in place; the answer makes folders beneath it. */
    Folders root(String hostname, Attached network) {
        Folders folders;
        if (spec.rootfs() instanceof Rootfs.Directory directory) {
            folders = directory.ephemeral() ? layered(directory) : folder(directory);
        } else {
            ops.add(Op.mountFs("tmpfs", "", Map.of("mode", "755", "size", "1m"), Op.NOSUID | Op.NODEV, Op.AS_ROOT));
            folders = new Folders(ops, 0);
            hostView(folders);
            ownFiles(folders, hostname, network);
        }
        MOUNT_POINTS.forEach(folders::make);
        return folders;
    }

    private Folders folder(Rootfs.Directory directory) {
        long attributes = Op.NOSUID | Op.NODEV | (directory.readOnly() ? Op.RDONLY : 0);
        ops.add(tree(directory.path(), attributes, "", Op.AS_ROOT));
        return new Folders(ops, Op.MAY_EXIST | Op.NO_SYMLINKS);
    }

    /** Relative paths: the working directory is the staging file system, which is left behind with the old root. */
    private Folders layered(Rootfs.Directory directory) {
        ops.add(Op.mountFs(
                "tmpfs",
                "",
                Map.of(
                        "mode",
                        "755",
                        "size",
                        Long.toString(spec.limits().memory().bytes())),
                Op.NOSUID | Op.NODEV,
                Op.AS_ROOT));
        for (String name : List.of("lower", "upper", "work")) {
            ops.add(Op.mkdir(".", name, 0755, 0));
        }
        ops.add(tree(directory.path(), Op.NOSUID | Op.NODEV, "lower", 0));
        ops.add(Op.mountFs("overlay", "", layers("lower"), Op.NOSUID | Op.NODEV, Op.AS_ROOT));
        return new Folders(ops, Op.MAY_EXIST | Op.NO_SYMLINKS);
    }

    /** userxattr: the only extended attributes that an overlay in a user namespace may write. */
    static Map<String, String> layers(String lower) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("lowerdir", lower);
        options.put("upperdir", "upper");
        options.put("workdir", "work");
        options.put("userxattr", "");
        return options;
    }

    /** A plain user may clone no tree for the child, but the child's namespace shows the host's mounts. */
    private Op tree(Path path, long attributes, String target, int flags) {
        return host.privileged()
                ? Op.mountTree(new FdSource.Tree(path, true, attributes, FdSource.Owner.SHIFTED), target, flags)
                : Op.mountTree(path.toString(), target, attributes, flags | Op.RECURSIVE);
    }

    private void hostView(Folders folders) {
        host.view().links().forEach((path, to) -> {
            if (path.getNameCount() == 1) {
                ops.add(Op.symlink(".", Folders.relative(path), to));
            }
        });
        for (Path tree : host.view().trees()) {
            if (!tree.startsWith("/etc")) {
                String target = Folders.relative(tree);
                folders.make(target);
                bind(tree, target);
            }
        }
        folders.make("etc");
        boolean own =
                spec.mounts().stream().anyMatch(mount -> mount.destination().startsWith("/etc"));
        if (host.privileged() && !own) {
            ops.add(Op.mountTree("/view/etc", "etc", 0, Op.RECURSIVE));
        } else {
            etc(ops, host, "etc", folders);
        }
    }

    /** From the zygote's own namespace as root; else from the host's mounts, which a plain user's zygote keeps. */
    private void bind(Path tree, String target) {
        if (host.privileged()) {
            ops.add(Op.mountTree("/view" + tree, target, 0, Op.RECURSIVE));
        } else {
            ops.add(Op.mountTree(tree.toString(), target, VIEW, Op.RECURSIVE));
        }
    }

    /**
     * Everything of /etc at {@code etc}, an empty folder. As root once in the zygote, to be shared; in a sandbox itself
     * for a plain user, and where the caller mounts something into it.
     */
    static void etc(List<Op> ops, Host host, String etc, Folders folders) {
        host.view().files().forEach((path, content) -> {
            String target = etc + path.toString().substring("/etc".length());
            folders.make(Folders.parent(target));
            ops.add(Op.writeFile(Folders.parent(target), Folders.name(target), content, 0644, 0));
        });
        host.view().links().forEach((path, to) -> {
            if (path.startsWith("/etc")) {
                String target = etc + path.toString().substring("/etc".length());
                folders.make(Folders.parent(target));
                ops.add(Op.symlink(Folders.parent(target), Folders.name(target), to));
            }
        });
        for (Path path : host.view().trees()) {
            if (path.startsWith("/etc")) {
                String target = etc + path.toString().substring("/etc".length());
                mountPoint(ops, folders, path, target);
                ops.add(
                        host.privileged()
                                ? Op.mountTree(new FdSource.Tree(path, true, VIEW, FdSource.Owner.AS_IS), target, 0)
                                : Op.mountTree(path.toString(), target, VIEW, Op.RECURSIVE));
            }
        }
        for (String name : List.of("passwd", "group", "hosts", "hostname", RESOLV_CONF)) {
            ops.add(Op.symlink(etc, name, "/" + OWN + "/" + name));
        }
    }

    /** A folder or an empty file, as what is to be mounted there. */
    static void mountPoint(List<Op> ops, Folders folders, Path source, String target) {
        if (java.nio.file.Files.isDirectory(source)) {
            folders.make(target);
        } else {
            folders.make(Folders.parent(target));
            ops.add(Op.writeFile(Folders.parent(target), Folders.name(target), new byte[0], 0644, Op.MAY_EXIST));
        }
    }

    private void ownFiles(Folders folders, String hostname, Attached network) {
        folders.make(OWN);
        folders.make("home");
        ops.add(Op.mkdir("home", "user", 0755, 0));
        folders.make("var");
        ops.add(Op.symlink("var", "tmp", "/tmp"));
        User user = spec.user();
        own(
                "passwd",
                (user.uid() == 0 ? "" : "root:x:0:0:root:/root:/usr/sbin/nologin\n")
                        + "user:x:" + user.uid() + ":" + user.gid() + "::" + home(spec) + ":/bin/sh\n"
                        + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
        own(
                "group",
                (user.gid() == 0 ? "" : "root:x:0:\n") + "tty:x:5:\nuser:x:" + user.gid() + ":\nnogroup:x:65534:\n");
        own("hosts", network.hostsFile(hostname));
        if (network.resolvConf() != null) {
            own(RESOLV_CONF, network.resolvConf());
        } else if (spec.mounts().stream().anyMatch(mount -> mount.destination().endsWith(RESOLV_CONF))) {
            // The caller's is mounted where the link of that name leads.
            own(RESOLV_CONF, "");
        }
        own("hostname", hostname + "\n");
    }

    private void own(String name, String content) {
        ops.add(Op.writeFile(OWN, name, Op.bytes(content), 0644, 0));
    }

    /** Where the command starts unless told otherwise: in the workspace, or in a home of its own. */
    static String home(SandboxSpec spec) {
        if (spec.rootfs() instanceof Rootfs.HostView) {
            return "/home/user";
        }
        return spec.workspace() != null ? "/workspace" : spec.user().uid() == 0 ? "/root" : "/";
    }
}
