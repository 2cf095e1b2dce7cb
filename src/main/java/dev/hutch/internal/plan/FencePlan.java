// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The walls of a sandbox without namespaces: Landlock's rules say of the host's own paths what a container's mounts would
 * show. Rights that a version doesn't know are left out of its rules; what then stands in for them is the filter's.
 * landlock(7).
 */
final class FencePlan {
    static final int SCOPES_SINCE = 6;

    private static final int REFER_SINCE = 2;
    private static final int TRUNCATE_SINCE = 3;
    private static final int PORTS_SINCE = 4;
    private static final int IOCTL_SINCE = 5;

    private static final long EXECUTE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    private static final long MAKE_CHAR = 1 << 6;
    private static final long MAKE_BLOCK = 1 << 11;
    private static final long OLDEST = (1 << 13) - 1;
    private static final long REFER = 1 << 13;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;
    private static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

    private static final long READ = EXECUTE | READ_FILE | READ_DIR;

    private static final long BIND_AND_CONNECT = 3;
    private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

    /** Names of users, groups and hosts: a container has its own. */
    private static final List<String> NAMES =
            List.of("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    private final SandboxSpec spec;
    private final Fence fence;
    private final long handled;
    private final List<Op> ops = new ArrayList<>();

    private FencePlan(SandboxSpec spec, Fence fence) {
        this.spec = spec;
        this.fence = fence;
        this.handled = handled(fence.version());
    }

    private static long handled(int version) {
        return OLDEST
                | (version >= REFER_SINCE ? REFER : 0)
                | (version >= TRUNCATE_SINCE ? TRUNCATE : 0)
                | (version >= IOCTL_SINCE ? IOCTL_DEV : 0);
    }

    /** From the whole set of rules on nothing is as it was: what needs more must have been done. */
    static List<Op> walls(SandboxSpec spec, Fence fence) {
        return new FencePlan(spec, fence).ops();
    }

    private List<Op> ops() {
        boolean closed = spec.network().kind() == Network.Kind.NONE && fence.version() >= PORTS_SINCE;
        ops.add(Op.landlockCreate(
                handled, closed ? BIND_AND_CONNECT : 0, fence.scopesSignals() ? ABSTRACT_SOCKETS_AND_SIGNALS : 0));
        view();
        rule(fence.folder().toString(), everything());
        if (spec.workspace() != null) {
            rule(spec.workspace().toString(), everything());
        }
        for (Mount mount : spec.mounts()) {
            Mount.Bind bind = (Mount.Bind) mount;
            rule(bind.source().toString(), bind.readOnly() ? READ : everything());
        }
        ops.add(Op.landlockRestrict());
        if (fence.filter().length > 0) {
            ops.add(Op.seccomp(fence.filter()));
        }
        return ops;
    }

    private void view() {
        for (Path tree : fence.view().trees()) {
            unlessMissing(tree.toString(), READ);
        }
        fence.view().files().keySet().forEach(file -> unlessMissing(file.toString(), READ_FILE));
        NAMES.forEach(name -> unlessMissing(name, READ_FILE));
        unlessMissing("/proc", READ_FILE | READ_DIR);
        DeviceOps.NODES.keySet().forEach(name -> unlessMissing("/dev/" + name, READ_FILE | WRITE_FILE | IOCTL_DEV));
        fence.cgroups().forEach(directory -> unlessMissing(directory, READ_FILE | READ_DIR));
    }

    /** Device nodes take a capability to make. */
    private long everything() {
        return handled & ~(MAKE_CHAR | MAKE_BLOCK);
    }

    private void rule(String path, long rights) {
        ops.add(Op.landlockRule(real(path), rights & handled, OF_FILES & handled, 0));
    }

    private void unlessMissing(String path, long rights) {
        ops.add(Op.landlockRule(real(path), rights & handled, OF_FILES & handled, Op.IF_EXISTS));
    }

    /** The child follows no link: those that are there now are the host's. */
    private static String real(String path) {
        try {
            return Path.of(path).toRealPath().toString();
        } catch (IOException e) {
            return path;
        }
    }
}
