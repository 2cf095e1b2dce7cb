// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Capability;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.TimeOffsets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A spec becomes ops, in launch order. The order is the content: {@code docs/launch.md} says for each step why it stands
 * where it does.
 */
public final class PlanCompiler {
    private static final int IFF_UP = 1;
    private static final int LOOPBACK = 1;
    private static final int ROUTE = 0;

    private PlanCompiler() {}

    /** What the zygote walks once: as root, a mount namespace of its own that holds little, so that clones are cheap. */
    public static List<Op> zygote(Host host) {
        List<Op> ops = new ArrayList<>();
        if (!host.privileged()) {
            return ops;
        }
        ops.add(Op.ownMountNamespace());
        ops.add(Op.mountFs("tmpfs", "", Map.of("mode", "755"), Op.NOSUID, Op.AS_ROOT));
        Folders folders = new Folders(ops, 0);
        for (String name : List.of("proc", "sys", "dev", "view")) {
            folders.make(name);
        }
        for (String name : List.of("proc", "sys")) {
            ops.add(Op.mountTree(
                    new FdSource.Tree(java.nio.file.Path.of("/", name), false, 0, FdSource.Owner.AS_IS), name, 0));
        }
        DeviceOps.skeleton(ops, "dev");
        DeviceOps.NODES
                .keySet()
                .forEach(name -> ops.add(Op.mountTree(
                        new FdSource.Tree(
                                java.nio.file.Path.of("/dev", name),
                                false,
                                Op.NOSUID | Op.NOEXEC,
                                FdSource.Owner.AS_IS),
                        "dev/" + name,
                        0)));
        view(ops, host, folders);
        ops.add(Op.pivotRoot());
        return ops;
    }

    private static void view(List<Op> ops, Host host, Folders folders) {
        for (java.nio.file.Path tree : host.view().trees()) {
            if (!tree.startsWith("/etc")) {
                String target = "view" + tree;
                folders.make(target);
                ops.add(Op.mountTree(
                        new FdSource.Tree(tree, true, Op.RDONLY | Op.NOSUID | Op.NODEV, FdSource.Owner.AS_IS),
                        target,
                        0));
            }
        }
        folders.make("view/etc");
        ops.add(Op.mountFs("tmpfs", "view/etc", Map.of("mode", "755"), Op.NOSUID | Op.NODEV, 0));
        RootOps.etc(ops, host, "view/etc", new Folders(ops, Op.MAY_EXIST));
        ops.add(Op.mountSetattr("view/etc", Op.RDONLY, 0));
    }

    /**
     * The first ops: everything up to the point where a child may be parked; where it is attached to a network, up to what
     * {@link #connected} does.
     */
    public static List<Op> surroundings(Host host, Launch launch) {
        if (launch.fence() != null) {
            return List.of(Op.ready());
        }
        SandboxSpec spec = launch.spec();
        List<Op> ops = new ArrayList<>();
        if (spec.isNew(Namespace.UTS)) {
            ops.add(Op.sethostname(launch.hostname()));
        }
        ops.add(spec.isNew(Namespace.MOUNT) ? Op.mountPrivate() : Op.ownMountNamespace());
        if (spec.network().kind() != Network.Kind.BRIDGE) {
            // Early: what carries a user's network listens there.
            loopback(ops, spec);
        }
        Folders folders = new RootOps(host, spec, ops).root(launch.hostname(), launch.network());
        ProcOps.proc(ops, spec, host.procPaths(), groups(launch.gids()));
        devices(ops, host, launch);
        sys(ops, launch, folders);
        MountOps mounts = new MountOps(host, spec, ops);
        NetworkFiles.mount(ops, launch, folders);
        mounts.tmp();
        mounts.all();
        if (spec.rootfs() instanceof Rootfs.HostView) {
            ops.add(Op.mountSetattr(".", Op.RDONLY, 0));
        }
        ops.add(Op.pivotRoot());
        if (!spec.timeOffsets().areZero()) {
            ops.add(Op.timeOffsets(offsets(spec.timeOffsets())));
        }
        ops.addAll(launch.isAttached() ? List.of(Op.ready()) : joined(launch, false));
        return ops;
    }

    /**
     * What follows the surroundings of a child that is attached to a network: that is laid on the host's side meanwhile. Only
     * when both are there does it give away the right to its links.
     *
     * @param network what is done in its network namespace, when loopback is up
     */
    public static List<Op> connected(Launch launch, List<Op> network) {
        List<Op> ops = new ArrayList<>();
        if (launch.spec().network().kind() == Network.Kind.BRIDGE) {
            // Late: before, it would wait for the kernel's lock on links, which the cable's end on the host has.
            loopback(ops, launch.spec());
        }
        ops.addAll(network);
        ops.addAll(joined(launch, false));
        return ops;
    }

    private static void loopback(List<Op> ops, SandboxSpec spec) {
        if (spec.isNew(Namespace.NETWORK)) {
            ops.add(Op.netlink(ROUTE, loopbackUp(), "lo up"));
        }
    }

    /**
     * All that one more command needs, which has joined the namespaces of a container with its surroundings in place.
     *
     * @param now whether it becomes the user inside in any case: where no command follows, which would
     */
    public static List<Op> joined(Launch launch, boolean now) {
        List<Op> ops = new ArrayList<>();
        if (now || launch.spec().isNew(Namespace.USER)) {
            identity(ops, launch);
        }
        ops.add(Op.ready());
        return ops;
    }

    /** A ready /dev, cloned as one tree, saves a dozen mounts; it is shared and read-only, so own devices need an own one. */
    private static void devices(List<Op> ops, Host host, Launch launch) {
        if (host.privileged() && launch.spec().devices().isEmpty()) {
            ops.add(Op.mountTree("/dev", "dev", 0, Op.RECURSIVE | Op.NO_SYMLINKS));
        } else {
            DeviceOps.own(ops, launch.spec().devices(), host.privileged());
        }
        ops.add(Op.mountSetattr("dev", Op.RDONLY, 0));
        DeviceOps.fileSystems(
                ops,
                launch.spec().limits().memory().bytes(),
                launch.gids().isEmpty() || launch.gids().stream().anyMatch(line -> line.contains(5)),
                launch.spec().isNew(Namespace.IPC));
    }

    private static void sys(List<Op> ops, Launch launch, Folders folders) {
        if (launch.spec().rootfs() instanceof Rootfs.Directory) {
            long sealed = Op.RDONLY | Op.NOSUID | Op.NODEV | Op.NOEXEC;
            ops.add(
                    launch.spec().isNew(Namespace.NETWORK)
                            ? Op.mountFs("sysfs", "sys", Map.of(), sealed, Op.NO_SYMLINKS)
                            : Op.mountTree("/sys", "sys", sealed, Op.NO_SYMLINKS | Op.RECURSIVE));
            ProcOps.SYS_MASKED.forEach(path -> ops.add(Op.mask(path, DeviceOps.NULL)));
            if (!launch.cgroups().hierarchies().isEmpty()) {
                ops.add(Op.mountFs(
                        "tmpfs", "sys/fs/cgroup", Map.of("mode", "755"), Op.NOSUID | Op.NODEV, Op.NO_SYMLINKS));
            }
        } else {
            folders.make("sys/fs/cgroup");
        }
        launch.cgroups().mount(ops, folders);
        if (launch.spec().rootfs() instanceof Rootfs.Directory
                && !launch.cgroups().hierarchies().isEmpty()) {
            ops.add(Op.mountSetattr("sys/fs/cgroup", Op.RDONLY, 0));
        }
    }

    /** The last ops: what is known late, then all that gives power away, then execve. */
    public static List<Op> command(Launch launch) {
        SandboxSpec spec = launch.spec();
        List<Op> ops = new ArrayList<>();
        if (launch.fence() != null) {
            fenced(ops, launch.fence());
        } else if (!spec.isNew(Namespace.USER)) {
            identity(ops, launch);
        }
        for (int stream = 0; stream <= 2; stream++) {
            ops.add(Op.stream(stream));
        }
        ops.add(Op.setsid(launch.terminal()));
        ops.add(Op.chdir(launch.directory()));
        ops.add(Op.unblockSignals());
        ops.add(Op.closeOnExec());
        if (launch.fence() != null) {
            ops.addAll(FencePlan.walls(spec, launch.fence()));
        }
        if (launch.filter().length > 0) {
            ops.add(Op.seccomp(launch.filter()));
        }
        List<String> environment = launch.environment().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
        ops.add(Op.execve(
                candidates(launch.arguments().get(0), launch.environment()), launch.arguments(), environment));
        return ops;
    }

    /**
     * What of a command's part needs no command: the filter, behind which a child may wait where the profile lets through
     * all that is still to come, as the default one does.
     */
    public static List<Op> ahead(Launch launch) {
        return launch.spec().seccomp() instanceof SeccompProfile.Default
                        && launch.spec().isNew(Namespace.USER)
                ? List.of(Op.seccomp(launch.filter()), Op.ready())
                : List.of();
    }

    /** A command's part for a child that waits behind its filter. */
    public static List<Op> behindFilter(List<Op> command) {
        return command.stream().filter(op -> op.code() != OpCode.SECCOMP).toList();
    }

    /**
     * The same for Hutch's own program, which is at no path inside: its descriptor is one, and is closed by execve. Taken
     * last, since its number may be that of what earlier ops need.
     */
    public static List<Op> ofHelper(List<Op> command) {
        List<Op> ops = new ArrayList<>(command);
        ops.add(ops.indexOf(Op.closeOnExec()), Op.helper());
        Op execve = ops.remove(ops.size() - 1);
        ops.add(execve.withCandidates(List.of("/proc/self/fd/" + Op.HELPER)));
        return ops;
    }

    /**
     * Still before the child is parked, but without a user namespace: there, rlimits can't be set from outside any more
     * once the ids are taken, so it is the command's part that takes them.
     *
     * <p>The bounding set and the securebits first: both need CAP_SETPCAP. KEEP_CAPS carries the permitted set across the
     * switch of ids, after which it is cut to what was asked for.
     */
    private static void identity(List<Op> ops, Launch launch) {
        SandboxSpec spec = launch.spec();
        Set<Capability> capabilities = spec.capabilities();
        long bits = Capability.bits(capabilities);
        boolean root = spec.user().uid() == 0;
        ops.add(Op.bounding(capabilities));
        ops.add(Op.securebits(securebits(root, !capabilities.isEmpty())));
        if (launch.switchesIds()) {
            ops.add(Op.setIds(spec.user()));
        }
        ops.add(Op.capset(bits, root ? 0 : bits));
        if (!root) {
            capabilities.forEach(capability -> ops.add(Op.ambient(capability)));
        }
        if (!spec.init() || !spec.isNew(Namespace.PID)) {
            ops.add(Op.dieWithGuard());
        }
        ops.add(Op.noNewPrivs());
    }

    /** Without a user namespace only root has anything to give away; a plain user's program can't get more by execve. */
    private static void fenced(List<Op> ops, Fence fence) {
        if (fence.user() != null) {
            ops.add(Op.bounding(Set.of()));
            ops.add(Op.securebits(securebits(false, false)));
            ops.add(Op.setIds(fence.user()));
        }
        ops.add(Op.capset(0, 0));
        ops.add(Op.dieWithGuard());
        ops.add(Op.noNewPrivs());
    }

    /**
     * All bits locked, but for KEEP_CAPS where there is nothing to keep: ping(8) sets it, and gives up where it may not.
     * NOROOT unless a root inside was given capabilities, which it takes at execve from the bounding set; ambient
     * capabilities may be raised only where another id was given some. capabilities(7), securebits.
     */
    private static long securebits(boolean root, boolean capabilities) {
        long noroot = 0x1;
        long noSetuidFixup = 0x4;
        long keepCaps = 0x10;
        long noAmbientRaise = 0x40;
        long keepCapsLocked = 0x20;
        long locks = 0xaa;
        if (!capabilities) {
            return (locks & ~keepCapsLocked) | noroot | noSetuidFixup | keepCaps | noAmbientRaise;
        }
        return locks | keepCaps | (root ? noAmbientRaise : noroot);
    }

    private static String groups(List<IdMapping> gids) {
        return gids.stream()
                .findFirst()
                .map(line -> line.containerId() + " " + (line.containerId() + line.size() - 1))
                .orElse("0 2147483647");
    }

    private static String offsets(TimeOffsets offsets) {
        return "monotonic " + offsets.monotonic().toSeconds() + " "
                + offsets.monotonic().toNanosPart() + "\nboottime "
                + offsets.boottime().toSeconds() + " " + offsets.boottime().toNanosPart() + "\n";
    }

    /** execvp(3)'s candidates, to be tried inside the root. */
    private static List<String> candidates(String command, Map<String, String> environment) {
        if (command.contains("/")) {
            return List.of(command);
        }
        List<String> candidates = new ArrayList<>();
        String path = environment.getOrDefault(
                "PATH", Objects.requireNonNull(SandboxSpec.defaultEnvironment().get("PATH")));
        for (String folder : path.split(":", -1)) {
            candidates.add((folder.isEmpty() ? "." : folder) + "/" + command);
        }
        return candidates;
    }

    /** RTM_NEWLINK with IFF_UP for interface 1, to be acknowledged; rtnetlink(7). */
    private static byte[] loopbackUp() {
        int nlmsgAckRequest = 0x5;
        short rtmNewLink = 16;
        ByteBuffer message = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        message.putInt(32)
                .putShort(rtmNewLink)
                .putShort((short) nlmsgAckRequest)
                .putInt(1)
                .putInt(0);
        message.put((byte) 0)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(LOOPBACK)
                .putInt(IFF_UP)
                .putInt(IFF_UP);
        return message.array();
    }
}
