// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupOptions;
import dev.hutch.internal.cgroup.CgroupVersion;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.cgroup.NetworkClass;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attacher;
import dev.hutch.internal.net.Attachment;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.seccomp.ViolationLog;
import dev.hutch.internal.userns.IdSpan;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A container of its own: cgroup, namespaces, ids, surroundings. */
final class NewContainer extends Parking {
    private final String name;
    private final @Nullable Fencing fencing;
    private final Zygote parent;
    private @Nullable UserNetwork network;
    private int userns = -1;
    private int netns = -1;

    private NewContainer(
            Means means, Zygote parent, LiveChild child, String name, @Nullable Fencing fencing, long start) {
        super(means, child, 0, start);
        this.parent = parent;
        this.name = name;
        this.fencing = fencing;
    }

    /** Parks a child of the zygote's. Nothing of it is left if that fails. */
    static Parked park(Means means, Zygote parent, SandboxSpec spec) throws IOException {
        return of(means, parent, spec).run(parent);
    }

    /** Makes one of a kind, for any sandbox that it serves. */
    static Blank blank(Means means, Zygote parent, SandboxSpec kind) throws IOException {
        NewContainer container = of(means, parent, kind);
        return new Blank(container, parent, container.begin(parent));
    }

    private static NewContainer of(Means means, Zygote parent, SandboxSpec spec) throws IOException {
        long start = System.nanoTime();
        String name =
                spec.hostname() != null ? spec.hostname() : means.hostnames().get();
        Ids map = means.ids().take(spec);
        LiveChild child;
        Fencing fencing = null;
        try {
            fencing = Fencing.of(means, spec, map);
            Fencing its = fencing;
            ContainerCgroup cgroup = means.cgroups().create(name, limits(spec), cgroupOptions(spec));
            Container container = new Container(means.kernel(), map, cgroup);
            child = LiveChild.first(
                    means.kernel(),
                    spec,
                    container,
                    means.cleaners().of(spec),
                    () -> release(means, container, its, map));
        } catch (SandboxException | RuntimeException e) {
            close(fencing);
            means.ids().giveBack(map);
            throw e;
        }
        return new NewContainer(means, parent, child, name, fencing, start);
    }

    /** Of one that was begun: from now on it is for that sandbox. */
    void become(SandboxSpec spec) {
        child().becomes(spec);
        begunBefore();
    }

    private SandboxSpec spec() {
        return child().spec();
    }

    /** Inside; the cgroup's name is older than the sandbox where that was begun before. */
    private String hostname() {
        String asked = spec().hostname();
        return asked != null ? asked : name;
    }

    /** Its ids last: whoever has them next must find nothing of it. */
    private static void release(Means means, Container container, @Nullable Fencing fencing, Ids map) {
        container.endViolations();
        try {
            container.network().close();
        } catch (SandboxException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "of a sandbox's network something is left", e);
        } finally {
            close(fencing);
            means.ids().giveBack(map);
        }
    }

    private static void close(@Nullable Fencing fencing) {
        try {
            if (fencing != null) {
                fencing.close();
            }
        } catch (SandboxException e) {
            Log.write(System.Logger.Level.WARNING, "a sandbox's own folder is left", e);
        }
    }

    /** What nobody insists on is as good as a default. */
    private static Limits limits(SandboxSpec spec) {
        Limits all = spec.limits();
        return !spec.bestEffort()
                ? all
                : new Limits(
                        all.memory(),
                        all.memorySwap(),
                        all.cpus(),
                        all.cpuShares(),
                        all.cpusetCpus(),
                        all.pids(),
                        all.ioWeight(),
                        all.throttles(),
                        Set.of());
    }

    private static CgroupOptions cgroupOptions(SandboxSpec spec) {
        CgroupOptions options = CgroupOptions.DEFAULT
                .withStrict(spec.strict())
                .withFreezer(true)
                .withKill(!spec.isNew(Namespace.PID) && spec.isolation() == Isolation.CONTAINER)
                .withNetwork(networkClass(spec.network()));
        return spec.cgroupParent() == null ? options : options.withParent(spec.cgroupParent());
    }

    /** What has links of its own is classed by the host's rules. */
    private static NetworkClass networkClass(Network network) {
        return network.kind() == Network.Kind.HOST
                ? new NetworkClass(network.priority(), network.mark())
                : NetworkClass.NONE;
    }

    @Override
    int flags(List<Integer> fds) throws IOException {
        boolean newPid = spec().isNew(Namespace.PID);
        int flags = 0;
        if (!spec().init() || !newPid) {
            flags |= Zygote.GUARD | (newPid ? Zygote.NEW_PID : 0);
        }
        if (fencing != null) {
            flags |= Zygote.SWEEP;
        } else if (!newPid) {
            fds.add(killFile());
            flags |= Zygote.KILL_FILE;
        }
        int netns = means().attacher().namespace(spec());
        if (netns >= 0) {
            fds.add(netns);
            fds.add(means().kernel().open("/proc/self/ns/net", 0, 0));
            flags |= Zygote.IN_NETNS;
        }
        return flags;
    }

    private int killFile() throws IOException {
        return cgroup().openKill()
                .orElseThrow(() -> new SandboxException(
                        "--pid host",
                        "",
                        null,
                        "without a pid namespace only cgroup.kill ends a sandbox for certain: it needs cgroup v2,"
                                + " mounted and writable"));
    }

    /** With offsets the time namespace is made by the command itself; on v1 the cgroup namespace after the joins. */
    @Override
    long namespaces() {
        long flags = cloneFlags(spec());
        if (!spec().timeOffsets().areZero()) {
            flags &= ~Namespace.TIME.cloneFlag();
        }
        if (!spec().init()) {
            flags &= ~Namespace.PID.cloneFlag();
        }
        return unshareCgroup() ? flags & ~Namespace.CGROUP.cloneFlag() : flags;
    }

    private boolean unshareCgroup() {
        return spec().isNew(Namespace.CGROUP) && means().cgroups().version() != CgroupVersion.V2;
    }

    /** The maps are written and the namespaces are opened while the process is still dumpable. */
    @Override
    void raise(Channel channel, int pid) throws IOException {
        if (map().mapped()) {
            means().ids().write(pid, map());
            if (means().host().privileged()) {
                userns = means().kernel().open("/proc/" + pid + "/ns/user", 0, 0);
            }
        }
        if (spec().isNew(Namespace.NETWORK) && spec().network().kind() != Network.Kind.NONE) {
            netns = means().kernel().open("/proc/" + pid + "/ns/net", 0, 0);
        }
        if (spec().network().kind() == Network.Kind.USER) {
            // A process of the user's own, which gets ready while the sandbox does.
            network = UserNetwork.start(means(), parent, child(), pid);
            attach(network);
        }
        go(channel, unshareCgroup() ? Namespace.CGROUP.cloneFlag() : 0, 0, new int[0]);
        if (spec().network().kind() != Network.Kind.NONE) {
            attach(means().attacher().attach(new Attacher.Target(spec(), hostname())));
        }
    }

    private void attach(Attachment attachment) throws SandboxException {
        if (!child().container().attach(attachment)) {
            attachment.close();
            throw new Channel.EndedException();
        }
    }

    /** What is known of the launch by now; the command's part is still empty. */
    @Override
    Launch launch() {
        return Launch.before(
                        spec(),
                        hostname(),
                        map().maps().gids(),
                        map().switches() || !map().mapped(),
                        cgroupView(),
                        Attaching.plan(spec(), child().container().network()))
                .withFence(
                        fencing == null
                                ? null
                                : fencing.fence(cgroup().directories().values()));
    }

    private CgroupView cgroupView() {
        if (!spec().isNew(Namespace.CGROUP) || cgroup().directories().isEmpty()) {
            return CgroupView.NONE;
        }
        return new CgroupView(means().cgroups().version() == CgroupVersion.V2, cgroup().hierarchies());
    }

    @Override
    List<Op> ops(Launch launch) throws IOException {
        List<Op> ops = means().plans().surroundings(means().host(), launch);
        return means().host().privileged() ? ops : means().trees().sources().resolved(ops);
    }

    @Override
    List<Op> meanwhile(Launch launch) throws IOException {
        return launch.isAttached() && fencing == null
                ? means().plans()
                        .connected(launch, Attaching.connect(child().container().network(), netns))
                : List.of();
    }

    @Override
    void sockets(int[] fds) throws IOException {
        if (fds.length != 0) {
            child().container().network().sockets(fds);
        }
    }

    @Override
    int open(FdSource.Tree tree, Zygote parent) throws SandboxException {
        return means().trees()
                .open(
                        tree,
                        userns,
                        folder -> ownerMap(parent, folder),
                        note -> child().note(Enforced.no(
                                "rootfs-owners", spec().rootfs().toString(), note)));
    }

    private int ownerMap(Zygote parent, Kernel.Stat folder) throws SandboxException {
        return new OwnerMap(means().kernel(), parent, means().nextId()).open(folder, map(), spec().user());
    }

    @Override
    void ready() throws IOException {
        means().trees().sources().willBeWritten(spec());
        watchFilter();
        child().container().thawer(state -> parent.thawAtEnd(id(), state));
        if (network != null) {
            network.awaitReady();
        }
    }

    private void watchFilter() throws SandboxException {
        IdSpan own = map().range();
        if (own == null || !(spec().seccomp() instanceof SeccompProfile.File)) {
            return;
        }
        Optional<ViolationLog> log = ViolationLog.open(means().kernel(), uid -> uid >= own.first() && uid < own.end());
        if (log.isPresent() && !child().container().watch(new Violations(log.get()))) {
            log.get().close();
        }
    }

    @Override
    void close() {
        userns = closed(userns);
        netns = closed(netns);
    }

    private int closed(int fd) {
        if (fd >= 0) {
            means().kernel().close(fd);
        }
        return -1;
    }
}
