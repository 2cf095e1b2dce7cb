// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupOptions;
import dev.hutch.internal.cgroup.CgroupVersion;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Brings a child as far as it can go without knowing its command: the cgroup, the clone, the ids, the surroundings. There
 * it waits, and is {@link Parked}. Used once.
 */
final class Parking {
    private final Means means;
    private final SandboxSpec spec;
    private final String hostname;
    private final Ids map;
    private final LiveChild child;
    private final long id;
    private final long start = System.nanoTime();
    private boolean cloned;

    private Parking(Means means, SandboxSpec spec) throws SandboxException {
        this.means = means;
        this.spec = spec;
        this.hostname =
                spec.hostname() != null ? spec.hostname() : means.hostnames().get();
        this.id = means.nextId().getAndIncrement();
        this.map = means.ids().take(spec);
        try {
            ContainerCgroup cgroup = means.cgroups().create(hostname, spec.limits(), cgroupOptions());
            this.child = new LiveChild(
                    means.kernel(),
                    spec,
                    cgroup,
                    means.cleaner(),
                    () -> means.ids().giveBack(map));
        } catch (SandboxException | RuntimeException e) {
            means.ids().giveBack(map);
            throw e;
        }
    }

    /** Parks a child of the zygote's. Nothing of it is left if that fails. */
    static Parked park(Means means, Zygote parent, SandboxSpec spec) throws IOException {
        return new Parking(means, spec).run(parent);
    }

    private CgroupOptions cgroupOptions() {
        CgroupOptions options = CgroupOptions.DEFAULT
                .withStrict(spec.strict())
                .withFreezer(true)
                .withKill(!spec.isNew(Namespace.PID));
        return spec.cgroupParent() == null ? options : options.withParent(spec.cgroupParent());
    }

    private Parked run(Zygote parent) throws IOException {
        int[] ends;
        try {
            ends = means.kernel().socketPair();
        } catch (IOException | RuntimeException e) {
            child.abandonUncloned();
            throw e;
        }
        Parked parked = new Parked(means, spec, map, child, new Channel(means.kernel(), ends[0]));
        try {
            steps(parent, parked, ends[1]);
            return parked;
        } catch (IOException e) {
            throw cloned ? parked.failed(e) : uncloned(parent, parked, e);
        } catch (RuntimeException e) {
            if (cloned) {
                parked.discard();
            } else {
                uncloned(parent, parked, e);
            }
            throw e;
        }
    }

    /** No child was made, so nobody will tell of its end. */
    private <E extends Exception> E uncloned(Zygote parent, Parked parked, E e) {
        parked.closeChannel();
        parent.forget(id);
        child.abandonUncloned();
        return e;
    }

    private void steps(Zygote parent, Parked parked, int childEnd) throws IOException {
        long made = System.nanoTime();
        request(parent, childEnd);
        Channel channel = parked.channel();
        Channel.Cloned first = channel.cloned();
        cloned = true;
        child.cloned(first.pidfd());
        long clonedAt = System.nanoTime();
        // Where the host runs out of memory, the sandbox goes before the JVM.
        means.kernel().write("/proc/" + first.pid() + "/oom_score_adj", "1000");
        int userns = writeMaps(first.pid());
        try {
            go(channel);
            long mapped = System.nanoTime();
            Launch launch = launch();
            int pid = 0;
            for (PlanPart part : PlanPart.split(surroundings(launch))) {
                parked.walks(part.ops());
                channel.send(part, source -> open((FdSource.Tree) source, userns, parent));
                pid = channel.ready(part);
            }
            limit(channel, pid);
            means.trees().sources().willBeWritten(spec);
            parked.ready(
                    launch,
                    new SetupTime(
                            Duration.ofNanos(made - start),
                            Duration.ofNanos(clonedAt - made),
                            Duration.ofNanos(mapped - clonedAt),
                            Duration.ofNanos(System.nanoTime() - mapped)));
        } finally {
            if (userns >= 0) {
                means.kernel().close(userns);
            }
        }
    }

    private List<Op> surroundings(Launch launch) throws SandboxException {
        List<Op> ops = means.plans().surroundings(means.host(), launch);
        return means.host().privileged() ? ops : means.trees().sources().resolved(ops);
    }

    private int open(FdSource.Tree tree, int userns, Zygote parent) throws SandboxException {
        return means.trees()
                .open(
                        tree,
                        userns,
                        folder -> ownerMap(parent, folder),
                        note -> child.note(
                                Enforced.no("rootfs-owners", spec.rootfs().toString(), note)));
    }

    private void request(Zygote parent, int childEnd) throws IOException {
        List<Integer> fds = new ArrayList<>(List.of(childEnd));
        try {
            int flags = 0;
            OptionalInt directory = child.cgroup().openDirectory();
            if (directory.isPresent()) {
                fds.add(directory.getAsInt());
                flags |= Zygote.INTO_CGROUP;
            }
            boolean newPid = spec.isNew(Namespace.PID);
            if (!spec.init() || !newPid) {
                flags |= Zygote.GUARD | (newPid ? Zygote.NEW_PID : 0);
            }
            if (!newPid) {
                fds.add(killFile());
                flags |= Zygote.KILL_FILE;
            }
            parent.request(
                    id,
                    flags,
                    namespaces(),
                    child,
                    fds.stream().mapToInt(Integer::intValue).toArray());
        } finally {
            fds.forEach(means.kernel()::close);
        }
    }

    private int killFile() throws IOException {
        return child.cgroup()
                .openKill()
                .orElseThrow(() -> new SandboxException(
                        "--pid host",
                        "",
                        null,
                        "without a pid namespace only cgroup.kill ends a sandbox for certain: it needs cgroup v2,"
                                + " mounted and writable"));
    }

    /** With offsets the time namespace is made by the command itself; on v1 the cgroup namespace after the joins. */
    private long namespaces() {
        long flags = 0;
        for (Namespace namespace : spec.namespaces()) {
            flags |= namespace.cloneFlag();
        }
        if (!spec.timeOffsets().areZero()) {
            flags &= ~Namespace.TIME.cloneFlag();
        }
        if (!spec.init()) {
            flags &= ~Namespace.PID.cloneFlag();
        }
        return unshareCgroup() ? flags & ~Namespace.CGROUP.cloneFlag() : flags;
    }

    private boolean unshareCgroup() {
        return spec.isNew(Namespace.CGROUP) && means.cgroups().version() != CgroupVersion.V2;
    }

    /** The maps, and a descriptor of the user namespace while the process is still dumpable; -1 without one. */
    private int writeMaps(int pid) throws IOException {
        if (!map.mapped()) {
            return -1;
        }
        means.ids().write(pid, map);
        return means.host().privileged() ? means.kernel().open("/proc/" + pid + "/ns/user", 0, 0) : -1;
    }

    private void go(Channel channel) throws IOException {
        int[] tasks = child.cgroup().openTasks();
        try {
            channel.go(map.rootUid(), map.rootGid(), map.mapped(), map.switches(), unshareCgroup(), tasks);
        } finally {
            for (int fd : tasks) {
                means.kernel().close(fd);
            }
        }
    }

    /** What is known of the launch by now; the command's part is still empty. */
    private Launch launch() {
        return new Launch(
                spec,
                hostname,
                map.maps().gids(),
                map.switches() || !map.mapped(),
                cgroupView(),
                new byte[0],
                List.of(),
                Map.of(),
                "/",
                false);
    }

    private CgroupView cgroupView() {
        if (!spec.isNew(Namespace.CGROUP) || child.cgroup().directories().isEmpty()) {
            return CgroupView.NONE;
        }
        if (means.cgroups().version() == CgroupVersion.V2) {
            return new CgroupView(true, List.of());
        }
        List<String> hierarchies = child.cgroup().directories().keySet().stream()
                .filter(controllers -> !controllers.equals("unified"))
                .toList();
        return new CgroupView(false, hierarchies);
    }

    private void limit(Channel channel, int pid) throws IOException {
        child.parked(pid, pidfd(channel, pid));
        for (Rlimit limit : Rlimits.of(spec)) {
            means.kernel().prlimit(pid, limit.resource().number(), limit.soft(), limit.hard());
        }
        if (spec.isNew(Namespace.USER)
                && spec.rlimits().stream().noneMatch(limit -> limit.resource() == Rlimit.Resource.NPROC)
                && child.cgroup().enforced().stream()
                        .noneMatch(limit -> limit.name().equals(Limit.PIDS.option()) && limit.enforced())) {
            limitTasks(pid);
        }
    }

    /** Without a cgroup for it: in a user namespace of its own the kernel counts a user's tasks apart. */
    private void limitTasks(int pid) throws SandboxException {
        int tasks = spec.limits().pids();
        means.kernel().prlimit(pid, Rlimit.Resource.NPROC.number(), tasks, tasks);
        child.note(Enforced.yes("rlimit-nproc", tasks + ":" + tasks));
    }

    /** Init may have reaped it before, and the pid may be another's by now: then its channel is shut. */
    private int pidfd(Channel channel, int pid) throws IOException {
        int pidfd = means.kernel().pidfdOpen(pid);
        boolean its = false;
        try {
            its = !channel.hungUp();
        } finally {
            if (!its) {
                means.kernel().close(pidfd);
            }
        }
        if (!its) {
            throw new Channel.EndedException();
        }
        return pidfd;
    }

    private int ownerMap(Zygote parent, Kernel.Stat folder) throws SandboxException {
        return new OwnerMap(means.kernel(), parent, means.nextId()).open(folder, map, spec.user());
    }
}
