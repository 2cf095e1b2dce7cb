// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupOptions;
import dev.hutch.internal.cgroup.CgroupVersion;
import dev.hutch.internal.cgroup.Cgroups;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.Host;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanCompiler;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.internal.seccomp.Architecture;
import dev.hutch.internal.seccomp.SeccompFilters;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import dev.hutch.spec.TimeOffsets;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A launch as a list of steps: the cgroup, the clone, the ids, the plan's parts. One per context; keeps the zygote and
 * starts another where one has ended. Thread-safe.
 */
public final class Launcher implements AutoCloseable {
    private final Kernel kernel;
    private final Host host;
    private final Cgroups cgroups;
    private final IdSource ids;
    private final Trees trees;
    private final SeccompFilters filters = new SeccompFilters();
    private final PlanSource plans;
    private final ExecutorService cleaner = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "hutch-cleaner");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong nextId = new AtomicLong(1);
    private Zygote zygote;
    private boolean closed;

    /** Where plans come from; a test puts an op that must fail into one. */
    interface PlanSource {
        List<Op> surroundings(Host host, Launch launch);

        List<Op> command(Launch launch);
    }

    private static final PlanSource COMPILER = new PlanSource() {
        @Override
        public List<Op> surroundings(Host host, Launch launch) {
            return PlanCompiler.surroundings(host, launch);
        }

        @Override
        public List<Op> command(Launch launch) {
            return PlanCompiler.command(launch);
        }
    };

    public Launcher(Kernel kernel, Host host, Cgroups cgroups, IdSource ids) throws IOException {
        this(kernel, host, cgroups, ids, COMPILER);
    }

    Launcher(Kernel kernel, Host host, Cgroups cgroups, IdSource ids, PlanSource plans) throws IOException {
        this.kernel = kernel;
        this.host = host;
        this.cgroups = cgroups;
        this.ids = ids;
        this.trees = new Trees(kernel);
        this.plans = plans;
        this.zygote = Zygote.start(kernel, host, trees);
    }

    private synchronized Zygote zygote() throws IOException {
        if (closed) {
            throw new SandboxException("launch", "", null, "this context is closed: make another");
        }
        if (!zygote.alive()) {
            zygote = Zygote.start(kernel, host, trees);
        }
        return zygote;
    }

    /**
     * Starts the command and answers when execve has been reached.
     *
     * @throws SandboxException if anything in between fails; nothing of the sandbox is left then
     */
    public LiveChild launch(LaunchRequest request) throws IOException {
        SandboxSpec spec = request.spec();
        Walls.checkSetIdBits(spec);
        long start = System.nanoTime();
        long id = nextId.getAndIncrement();
        Ids map = ids.take(spec);
        ContainerCgroup cgroup;
        try {
            cgroup = cgroups.create(request.hostname(), spec.limits(), cgroupOptions(spec));
        } catch (SandboxException | RuntimeException e) {
            ids.giveBack(map);
            throw e;
        }
        LiveChild child = new LiveChild(kernel, spec, cgroup, cleaner, () -> ids.giveBack(map));
        return new Attempt(request, child, map, id, start).run();
    }

    /** Work that no launch waits for, and whose failure is only logged: what dead JVMs left is swept this way. */
    public void background(Callable<?> work) {
        cleaner.execute(() -> {
            try {
                work.call();
            } catch (Exception e) {
                System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "in the background", e);
            }
        });
    }

    private static CgroupOptions cgroupOptions(SandboxSpec spec) {
        CgroupOptions options = CgroupOptions.DEFAULT
                .withStrict(spec.strict())
                .withFreezer(true)
                .withKill(!spec.isNew(Namespace.PID));
        return spec.cgroupParent() == null ? options : options.withParent(spec.cgroupParent());
    }

    /** One launch on its way. */
    private final class Attempt {
        private final LaunchRequest request;
        private final SandboxSpec spec;
        private final LiveChild child;
        private final Ids map;
        private final long id;
        private final long start;
        private boolean cloned;
        private List<Op> walked = List.of();

        Attempt(LaunchRequest request, LiveChild child, Ids map, long id, long start) {
            this.request = request;
            this.spec = request.spec();
            this.child = child;
            this.map = map;
            this.id = id;
            this.start = start;
        }

        LiveChild run() throws IOException {
            Zygote parent;
            int[] ends;
            try {
                parent = zygote();
                ends = kernel.socketPair();
            } catch (IOException | RuntimeException e) {
                child.abandonUncloned();
                throw e;
            }
            try (Channel channel = new Channel(kernel, ends[0])) {
                steps(parent, channel, ends[1]);
                return child;
            } catch (IOException e) {
                throw failed(parent, e);
            } catch (RuntimeException e) {
                giveUp(parent);
                throw e;
            }
        }

        private void steps(Zygote parent, Channel channel, int childEnd) throws IOException {
            long made = System.nanoTime();
            request(parent, childEnd);
            Channel.Cloned first = channel.cloned();
            this.cloned = true;
            child.cloned(first.pidfd());
            long clonedAt = System.nanoTime();
            int userns = writeMaps(first.pid());
            try {
                go(channel);
                long mapped = System.nanoTime();
                Launch launch = launch();
                int pid = 0;
                for (PlanPart part : PlanPart.split(plans.surroundings(host, launch))) {
                    walked = part.ops();
                    channel.send(
                            part,
                            source -> trees.open(
                                    (dev.hutch.internal.plan.FdSource.Tree) source,
                                    userns,
                                    folder -> ownerMap(parent, folder),
                                    note -> child.note(Enforced.no(
                                            "rootfs-owners", spec.rootfs().toString(), note))));
                    pid = channel.ready(part);
                }
                PlanPart last = new PlanPart(plans.command(launch));
                limit(channel, pid, last);
                own(request.streams());
                walked = last.ops();
                channel.send(
                        last, source -> request.streams()[((dev.hutch.internal.plan.FdSource.Stream) source).number()]);
                channel.executed(last);
                Walls.of(spec, map, launch.filter().length / 8).forEach(child::note);
                long done = System.nanoTime();
                child.setup(new SetupTime(
                        Duration.ofNanos(made - start),
                        Duration.ofNanos(clonedAt - made),
                        Duration.ofNanos(mapped - clonedAt),
                        Duration.ofNanos(done - mapped)));
            } finally {
                if (userns >= 0) {
                    kernel.close(userns);
                }
            }
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
                fds.forEach(kernel::close);
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
            if (!spec.timeOffsets().equals(TimeOffsets.NONE)) {
                flags &= ~Namespace.TIME.cloneFlag();
            }
            if (!spec.init()) {
                flags &= ~Namespace.PID.cloneFlag();
            }
            return unshareCgroup() ? flags & ~Namespace.CGROUP.cloneFlag() : flags;
        }

        private boolean unshareCgroup() {
            return spec.isNew(Namespace.CGROUP) && cgroups.version() != CgroupVersion.V2;
        }

        /** The maps, and a descriptor of the user namespace while the process is still dumpable; -1 without one. */
        private int writeMaps(int pid) throws IOException {
            if (!map.mapped()) {
                return -1;
            }
            ids.write(pid, map);
            return host.privileged() ? kernel.open("/proc/" + pid + "/ns/user", 0, 0) : -1;
        }

        private void go(Channel channel) throws IOException {
            int[] tasks = child.cgroup().openTasks();
            try {
                channel.go(map.rootUid(), map.rootGid(), map.mapped(), map.switches(), unshareCgroup(), tasks);
            } finally {
                for (int fd : tasks) {
                    kernel.close(fd);
                }
            }
        }

        private Launch launch() throws SandboxException {
            boolean init = spec.init() && spec.isNew(Namespace.PID);
            byte[] filter = filters.compile(
                    spec.seccomp(),
                    spec.capabilities(),
                    spec.allow(),
                    init,
                    Architecture.current(),
                    request.kernelMajor(),
                    request.kernelMinor());
            return new Launch(
                    spec,
                    request.hostname(),
                    map.maps().gids(),
                    map.switches() || !map.mapped(),
                    cgroupView(),
                    filter,
                    request.arguments(),
                    request.environment(),
                    request.directory(),
                    request.terminal());
        }

        private CgroupView cgroupView() {
            if (!spec.isNew(Namespace.CGROUP) || child.cgroup().directories().isEmpty()) {
                return CgroupView.NONE;
            }
            if (cgroups.version() == CgroupVersion.V2) {
                return new CgroupView(true, List.of());
            }
            return new CgroupView(false, hierarchies(child.cgroup()));
        }

        private void limit(Channel channel, int pid, PlanPart last) throws IOException {
            int pidfd = kernel.pidfdOpen(pid);
            // Init may have reaped it before the pidfd was opened, and the pid may be another's: then its channel is
            // shut.
            if (channel.hungUp()) {
                kernel.close(pidfd);
                throw new Channel.EndedException();
            }
            child.started(pid, pidfd, last.ops());
            for (Rlimit limit : Rlimits.of(spec)) {
                kernel.prlimit(pid, limit.resource().number(), limit.soft(), limit.hard());
            }
        }

        /** Else opening /dev/stdout anew, which is opening the pipe, is EACCES for the user inside. */
        private void own(int[] streams) throws SandboxException {
            if (!host.privileged()) {
                return;
            }
            for (int i = 0; i < streams.length; i++) {
                if (request.made()[i]) {
                    int uid = (int) map.hostUid(spec.user().uid());
                    kernel.fchown(streams[i], uid, (int) map.hostGid(spec.user().gid()));
                }
            }
        }

        private int ownerMap(Zygote parent, Kernel.Stat folder) throws SandboxException {
            return new OwnerMap(kernel, parent, nextId).open(folder, map, spec.user());
        }

        /** Leaves nothing, and answers why: what the child said, or else what its end tells. */
        private IOException failed(Zygote parent, IOException e) {
            boolean over;
            try {
                over = cloned && (e instanceof Channel.EndedException || cutShort(e));
                giveUp(parent);
            } catch (SandboxException also) {
                e.addSuppressed(also);
                return e;
            }
            return over ? toldByItsEnd(e) : e;
        }

        /** What fails on this side because the child is no more: its own end says more. */
        private boolean cutShort(IOException e) throws KernelException {
            return e instanceof KernelException refusal && (refusal.is(Errno.ESRCH) || child.isOver());
        }

        private SandboxException toldByItsEnd(IOException e) {
            SandboxException told;
            try {
                told = Verdicts.startFailure(child, Waiting.uninterruptibly(child.ended()), walked);
            } catch (SandboxException lost) {
                told = lost;
            }
            told.addSuppressed(e);
            return told;
        }

        /** The child sees the channel close, init the command's end. */
        private void giveUp(Zygote parent) throws SandboxException {
            if (!cloned) {
                parent.forget(id);
                child.abandonUncloned();
                return;
            }
            child.endNow();
            child.abandon();
            Waiting.uninterruptibly(child.gone());
        }
    }

    private static List<String> hierarchies(ContainerCgroup cgroup) {
        return cgroup.directories().keySet().stream()
                .filter(controllers -> !controllers.equals("unified"))
                .toList();
    }

    /** What would be done, for people to read; nothing is made. */
    public List<String> describe(LaunchRequest request) throws SandboxException {
        Ids map = ids.take(request.spec());
        ids.giveBack(map);
        Launch launch = new Launch(
                request.spec(),
                request.hostname(),
                map.maps().gids(),
                map.switches(),
                CgroupView.NONE,
                new byte[0],
                request.arguments(),
                request.environment(),
                request.directory(),
                request.terminal());
        List<String> words = new ArrayList<>();
        plans.surroundings(host, launch).forEach(op -> words.add(op.words()));
        plans.command(launch).forEach(op -> words.add(op.words()));
        return words;
    }

    /** Ends every sandbox of this launcher and waits until nothing is left of them. */
    @Override
    public void close() throws SandboxException {
        Zygote last;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            last = zygote;
        }
        last.close();
        cleaner.shutdown();
        try {
            if (!cleaner.awaitTermination(10, java.util.concurrent.TimeUnit.SECONDS)) {
                throw new SandboxException("close", "", null, "sandboxes are still being removed after 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        cgroups.close();
        ids.close();
    }
}
