// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupOptions;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.dns.Resolvers;
import dev.hutch.internal.plan.Attached;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Device;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Lifetime;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Size;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The process that carries a sandbox's traffic stands behind walls of its own, which share with the sandbox's no more than
 * the user namespace: there it has the right to the network namespace that it gets as a descriptor. It keeps the host's
 * network, and has a view of the host's programs, a pid namespace and a cgroup for itself. Its guard, outside, ends it with
 * the zygote and the JVM, whatever ids it takes; and in its pid namespace nothing survives that.
 */
final class CarrierLaunch extends Parking {
    private static final Size MEMORY = Size.mebibytes(256);
    private static final int TASKS = 16;
    private static final Path TUN = Path.of("/dev/net/tun");

    /** To enter the network namespace, and to make the interface. */
    private static final Set<Capability> RIGHTS = EnumSet.of(Capability.SYS_ADMIN, Capability.NET_ADMIN);

    private final LiveChild served;

    private CarrierLaunch(Means means, LiveChild child, LiveChild served) {
        super(means, child, 0, System.nanoTime());
        this.served = served;
    }

    /**
     * Parks the process. Nothing of it is left if that fails.
     *
     * @param served the sandbox's; its first process waits, with its maps written
     */
    static Parked park(Means means, Zygote parent, LiveChild served) throws IOException {
        Container theirs = served.container();
        SandboxSpec spec = spec(served.spec(), user(means, served.spec(), theirs.ids()));
        ContainerCgroup cgroup =
                means.cgroups().create("net-" + means.hostnames().get(), spec.limits(), options(served.spec()));
        Ids ids = new Ids(theirs.ids().maps(), theirs.ids().switches(), null);
        LiveChild child = LiveChild.first(
                means.kernel(),
                spec,
                new Container(means.kernel(), ids, cgroup),
                means.cleaners().usual(),
                () -> {});
        return new CarrierLaunch(means, child, served).run(parent);
    }

    /** Whose the streams are, which it opens anew: a plain user's own id; root gives them to the map's. */
    private static User user(Means means, SandboxSpec served, Ids ids) {
        long own = means.kernel().effectiveUid();
        return ids.maps().uids().stream()
                .filter(line -> line.hostId() <= own && own < line.hostId() + line.size())
                .findFirst()
                .map(line -> new User(
                        line.containerId() + own - line.hostId(), served.user().gid(), List.of()))
                .orElse(new User(ids.rootUid(), ids.rootGid(), List.of()));
    }

    private static CgroupOptions options(SandboxSpec served) {
        return served.cgroupParent() == null
                ? CgroupOptions.DEFAULT
                : CgroupOptions.DEFAULT.withParent(served.cgroupParent());
    }

    /** The mount namespace is no new one of the clone's: it is made in the user namespace that was joined. */
    private static SandboxSpec spec(SandboxSpec served, User user) {
        Limits usual = Limits.defaults();
        Limits limits =
                new Limits(MEMORY, MEMORY, 0, usual.cpuShares(), "", TASKS, usual.ioWeight(), List.of(), Set.of());
        Path resolvers = Path.of(Resolvers.FILE);
        List<Mount> mounts = Files.exists(resolvers) ? List.of(new Mount.Bind(resolvers, resolvers, true)) : List.of();
        return new SandboxSpec(
                new Rootfs.HostView(),
                mounts,
                null,
                user,
                List.of(),
                List.of(),
                EnumSet.of(Namespace.USER, Namespace.PID),
                null,
                Map.of(),
                limits,
                List.of(),
                RIGHTS,
                Set.of(),
                new SeccompProfile.Unconfined(),
                List.of(new Device(TUN, TUN, false)),
                Network.HOST,
                TimeOffsets.NONE,
                null,
                null,
                null,
                null,
                true,
                false,
                true,
                Lifetime.ATTACHED,
                served.cgroupParent(),
                null,
                Isolation.CONTAINER);
    }

    @Override
    int flags(List<Integer> fds) {
        return Zygote.GUARD | Zygote.NEW_PID;
    }

    @Override
    long namespaces() {
        return 0;
    }

    @Override
    void raise(Channel channel, int pid) throws IOException {
        int pidfd = served.firstPidfd();
        try {
            go(channel, 0, Namespace.USER.cloneFlag(), pidfd);
        } finally {
            means().kernel().close(pidfd);
        }
    }

    /** It serves many connections, and gives itself no more rights than it needs. */
    @Override
    List<Rlimit> rlimits() {
        return List.of();
    }

    @Override
    Launch launch() {
        return Launch.before(child().spec(), "", map().maps().gids(), map().switches(), CgroupView.NONE, Attached.NONE);
    }

    @Override
    List<Op> ops(Launch launch) throws IOException {
        List<Op> ops = new ArrayList<>(means().plans().surroundings(means().host(), launch));
        return means().host().privileged() ? ops : means().trees().sources().resolved(ops);
    }

    @Override
    int open(FdSource.Tree tree, Zygote parent) throws SandboxException {
        return means().trees().open(tree, -1);
    }

    @Override
    void ready() {}

    @Override
    void close() {}
}
