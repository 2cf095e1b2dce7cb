// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.stream.IntStream;

/**
 * Brings a child as far as it can go without knowing its command: the clone, the cgroup, the ids, the first part of the
 * plan. There it waits, and is {@link Parked}: in a container of its own, or in one that others are in. Used once.
 */
abstract class Parking {
    private final Means means;
    private final LiveChild child;
    private final long patience;
    private final long id;
    private final long start;
    private boolean cloned;
    private boolean clone3Hidden;
    private SetupTime begun = SetupTime.NONE;

    /**
     * @param patience how many milliseconds the child may take for an answer; 0 for any time
     * @param start when it began
     */
    Parking(Means means, LiveChild child, long patience, long start) {
        this.means = means;
        this.child = child;
        this.patience = patience;
        this.id = means.nextId().getAndIncrement();
        this.start = start;
    }

    final Means means() {
        return means;
    }

    final LiveChild child() {
        return child;
    }

    final long id() {
        return id;
    }

    final Ids map() {
        return child.container().ids();
    }

    final ContainerCgroup cgroup() {
        return child.container().cgroup();
    }

    /** Flags of the request, but for the cgroup's; what they say comes along is added to the descriptors. */
    abstract int flags(List<Integer> fds) throws IOException;

    /** CLONE_NEW flags for clone3. */
    abstract long namespaces();

    /** CLONE_NEW flags of all namespaces that the container has new. */
    static long cloneFlags(SandboxSpec spec) {
        long flags = 0;
        for (Namespace namespace : spec.namespaces()) {
            flags |= namespace.cloneFlag();
        }
        return flags;
    }

    /** The first process waits: lets it {@link #go}. */
    abstract void raise(Channel channel, int pid) throws IOException;

    /** What is known of the launch by now; the command's part is still empty. */
    abstract Launch launch();

    /** What it walks before it waits for its command. */
    abstract List<Op> ops(Launch launch) throws IOException;

    /** What is done here while it walks the first of them; answers with ops for after the last, none for none. */
    List<Op> meanwhile(Launch launch) throws IOException {
        return List.of();
    }

    /** Opens a tree of the host's that the ops want. */
    abstract int open(FdSource.Tree tree, Zygote parent) throws SandboxException;

    /** What is set before the command comes; prlimit(2). */
    List<Rlimit> rlimits() {
        return Rlimits.of(child.spec());
    }

    /** Takes the sockets that a part made for this JVM, in the ops' order. */
    void sockets(int[] fds) throws IOException {
        if (fds.length != 0) {
            throw new IllegalStateException("sockets that nobody asked for");
        }
    }

    /** It has walked all that, and the program may come. */
    abstract void ready() throws IOException;

    /** Closes what was opened on the way; again has no effect. */
    abstract void close();

    /** Nothing of it is left if that fails. */
    final Parked run(Zygote parent) throws IOException {
        Parked parked = begin(parent);
        complete(parent, parked);
        return parked;
    }

    /** The first half: a process with its cgroup, namespaces and ids. Nothing of it is left if that fails. */
    final Parked begin(Zygote parent) throws IOException {
        int[] ends;
        try {
            checkCounted();
            ends = means.kernel().socketPair();
        } catch (IOException | RuntimeException e) {
            child.abandonUncloned();
            throw e;
        }
        Parked parked = new Parked(means, child, new Channel(means.kernel(), ends[0], patience));
        carefully(parent, parked, () -> raise(parent, parked.channel(), ends[1]));
        return parked;
    }

    /** The second half: its surroundings. Nothing of it is left if that fails. */
    final void complete(Zygote parent, Parked parked) throws IOException {
        carefully(parent, parked, () -> surround(parent, parked));
        close();
    }

    private interface Half {
        void walk() throws IOException;
    }

    private void carefully(Zygote parent, Parked parked, Half half) throws IOException {
        boolean done = false;
        try {
            half.walk();
            done = true;
        } catch (IOException e) {
            IOException why = cloned ? parked.failed(e) : uncloned(parent, parked, unanswered(parent, e));
            throw Refusal.explained(means.kernel(), means.host().privileged(), why);
        } catch (RuntimeException e) {
            if (cloned) {
                parked.discard();
            } else {
                uncloned(parent, parked, e);
            }
            throw e;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** A deadline would never come where nothing counts towards it. */
    private void checkCounted() throws SandboxException {
        Duration limit = child.spec().cpuTime();
        if (limit != null && !child.spec().bestEffort() && !cgroup().countsCpu()) {
            throw new SandboxException(
                    "limit",
                    "cpu-time to " + limit.toMillis() + " ms",
                    null,
                    "no cgroup counts the processor time here: run as root or in a delegated cgroup (see hutch doctor)");
        }
    }

    /** Only the zygote's own end leaves a request without an answer. */
    private static IOException unanswered(Zygote parent, IOException e) {
        return e instanceof Channel.EndedException
                ? new SandboxException(
                        "zygote", Integer.toString(parent.pid()), null, "it ended before it answered: start again")
                : e;
    }

    /** No child was made, so nobody will tell of its end. */
    private <E extends Exception> E uncloned(Zygote parent, Parked parked, E e) {
        parked.closeChannel();
        parent.forget(id);
        child.abandonUncloned();
        return e;
    }

    private void raise(Zygote parent, Channel channel, int childEnd) throws IOException {
        long made = System.nanoTime();
        request(parent, childEnd);
        Channel.Cloned first = channel.cloned();
        cloned = true;
        clone3Hidden = first.clone3Hidden();
        child.cloned(first.pidfd());
        long clonedAt = System.nanoTime();
        // Where the host runs out of memory, the sandbox goes before the JVM.
        means.kernel().write("/proc/" + first.pid() + "/oom_score_adj", "1000");
        raise(channel, first.pid());
        begun = new SetupTime(
                Duration.ofNanos(made - start),
                Duration.ofNanos(clonedAt - made),
                Duration.ofNanos(System.nanoTime() - clonedAt),
                Duration.ZERO);
    }

    /** The first half took no time of the launch. */
    final void begunBefore() {
        begun = SetupTime.NONE;
    }

    private void surround(Zygote parent, Parked parked) throws IOException {
        long raised = System.nanoTime();
        checkCounted();
        Launch launch = launch();
        limit(parked.channel(), walk(parent, parked, launch));
        ready();
        parked.ready(
                launch,
                new SetupTime(begun.cgroup(), begun.fork(), begun.ids(), Duration.ofNanos(System.nanoTime() - raised)));
    }

    /** Answers with the command's pid. */
    private int walk(Zygote parent, Parked parked, Launch launch) throws IOException {
        Queue<PlanPart> parts = new ArrayDeque<>(PlanPart.split(ops(launch)));
        Queue<PlanPart> sent = new ArrayDeque<>();
        PlanPart first = parts.remove();
        parked.walks(first.ops());
        parked.channel().send(first, source -> open((FdSource.Tree) source, parent));
        sent.add(first);
        List<Op> more = meanwhile(launch);
        parts.addAll(more.isEmpty() ? List.of() : PlanPart.split(more));
        int pid = 0;
        while (!sent.isEmpty()) {
            parked.walks(sent.element().ops());
            // One ahead of what is walked: the child goes on without waiting for this side to wake.
            if (!parts.isEmpty()) {
                PlanPart next = parts.remove();
                parked.channel().sendAhead(next, source -> open((FdSource.Tree) source, parent));
                sent.add(next);
            }
            PlanPart walked = sent.remove();
            Kernel.Message done = parked.channel().ready(walked);
            pid = done.pid();
            sockets(done.fds());
        }
        return pid;
    }

    private void request(Zygote parent, int childEnd) throws IOException {
        List<Integer> fds = new ArrayList<>(List.of(childEnd));
        try {
            OptionalInt directory = cgroup().openDirectory();
            directory.ifPresent(fds::add);
            int flags = flags(fds) | (directory.isPresent() ? Zygote.INTO_CGROUP : 0);
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

    /**
     * Lets the first process go on: into the cgroups, and to its ids.
     *
     * @param unshare CLONE_NEWCGROUP, where its namespace comes after the joins; else 0
     * @param join the namespaces to join, as CLONE_NEW flags
     * @param of a pidfd of whose they are; the caller closes it
     */
    final void go(Channel channel, long unshare, long join, int... of) throws IOException {
        List<Integer> cgroups = new ArrayList<>();
        try {
            Arrays.stream(cgroup().openTasks()).forEach(cgroups::add);
            long late = unshare | (clone3Hidden ? leftByClone(cgroups) : 0);
            int[] fds = IntStream.concat(cgroups.stream().mapToInt(Integer::intValue), Arrays.stream(of))
                    .toArray();
            channel.go(map(), late, join, fds);
        } finally {
            cgroups.forEach(means.kernel()::close);
        }
    }

    /** What clone(2) can't be asked for: a cgroup, whose own namespace must come after it, and a time namespace. */
    private long leftByClone(List<Integer> cgroups) throws IOException {
        OptionalInt procs = cgroup().openProcs();
        procs.ifPresent(cgroups::add);
        return namespaces() & (Namespace.TIME.cloneFlag() | (procs.isPresent() ? Namespace.CGROUP.cloneFlag() : 0));
    }

    private void limit(Channel channel, int pid) throws IOException {
        SandboxSpec spec = child.spec();
        child.parked(pid, pidfd(channel, pid));
        for (Rlimit limit : rlimits()) {
            means.kernel().prlimit(pid, limit.resource().number(), limit.soft(), limit.hard());
        }
        if ((spec.isNew(Namespace.USER) || spec.isolation() == Isolation.LANDLOCK)
                && spec.rlimits().stream().noneMatch(limit -> limit.resource() == Rlimit.Resource.NPROC)
                && cgroup().enforced().stream()
                        .noneMatch(limit -> limit.name().equals(Limit.PIDS.option()) && limit.enforced())) {
            limitTasks(pid);
        }
    }

    /**
     * Without a cgroup for it: in a user namespace of its own the kernel counts a user's tasks apart. Without one, all of
     * the user's count, where the sandbox has no ids of its own; what they are now is added.
     */
    private void limitTasks(int pid) throws SandboxException {
        boolean shared = !map().mapped() && map().hostUser() == null;
        int tasks = child.spec().limits().pids()
                + (shared ? UserTasks.of(means.kernel().effectiveUid()) : 0);
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
}
