// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.Attached;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One more command for a container that runs. Its first process is a guard, which stays outside the pid namespace and
 * ends with the command. It is cloned into the cgroup, and enters the namespaces of the container's own command: no other
 * process is in all of them. A plain user may, as the owner of the user namespace.
 */
final class Joining extends Parking {
    /** What runs inside can stop a process of its own ids before its execve, and answers for ever are not waited for. */
    private static final long PATIENCE_MILLIS = 30_000;

    private static final int O_PATH = 010000000;

    private final LiveChild host;
    private final boolean works;

    private Joining(Means means, LiveChild child, LiveChild host, boolean works) {
        super(means, child, PATIENCE_MILLIS, System.nanoTime());
        this.host = host;
        this.works = works;
    }

    /**
     * Parks one more child in a container. Nothing of it is left if that fails.
     *
     * @param host the container's own command
     * @param spec the deadlines, rlimits and filter of the new one
     */
    static Parked park(Means means, Zygote parent, LiveChild host, SandboxSpec spec) throws IOException {
        return park(means, parent, host, spec, false);
    }

    /** The same for work inside that is no program's: it is the user inside already, with rlimits of no account. */
    static Parked worker(Means means, Zygote parent, LiveChild host) throws IOException {
        return park(means, parent, host, host.spec(), true);
    }

    private static Parked park(Means means, Zygote parent, LiveChild host, SandboxSpec spec, boolean works)
            throws IOException {
        LiveChild child = LiveChild.joining(means.kernel(), spec, host);
        return new Joining(means, child, host, works).run(parent);
    }

    /** Why it failed: that the container has ended, where it has. What its end was is known by then. */
    static SandboxException whyNot(LiveChild host, SandboxException e) throws SandboxException {
        if (!host.isCommandOver()) {
            return e;
        }
        try {
            host.ended().get(1, TimeUnit.SECONDS);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException unknown) {
            e.addSuppressed(unknown);
        }
        return ended("exec", e);
    }

    static SandboxException ended(String operation, @Nullable Exception e) {
        SandboxException told = new SandboxException(
                operation, "", null, "the sandbox has ended: start another, or keep one by a session");
        if (e != null) {
            told.initCause(e);
        }
        return told;
    }

    /** The root directory of the container's own command, O_PATH; the caller closes it. */
    static int openRoot(Kernel kernel, LiveChild host) throws SandboxException {
        int pidfd = host.commandPidfd();
        int root = -1;
        try {
            root = kernel.open("/proc/" + host.pid() + "/root", O_PATH, 0);
            if (kernel.poll(0, 0, pidfd) == 0) {
                int its = root;
                root = -1;
                return its;
            }
            throw ended("copy out", null);
        } finally {
            kernel.close(pidfd);
            if (root >= 0) {
                kernel.close(root);
            }
        }
    }

    @Override
    List<Rlimit> rlimits() {
        return works ? List.of() : super.rlimits();
    }

    @Override
    int flags(List<Integer> fds) {
        return Zygote.GUARD;
    }

    @Override
    long namespaces() {
        return 0;
    }

    @Override
    void raise(Channel channel, int pid) throws IOException {
        int pidfd = host.commandPidfd();
        try {
            go(channel, 0, cloneFlags(child().spec()) | joinedNetwork(), pidfd);
        } finally {
            means().kernel().close(pidfd);
        }
    }

    /** Not new, but neither the one that the zygote is in. */
    private long joinedNetwork() {
        return child().spec().network().isJoined() ? Namespace.NETWORK.cloneFlag() : 0;
    }

    @Override
    Launch launch() {
        return Launch.before(
                child().spec(),
                "",
                map().maps().gids(),
                map().switches() || !map().mapped(),
                CgroupView.NONE,
                Attached.NONE);
    }

    @Override
    List<Op> ops(Launch launch) {
        return means().plans().joined(launch, works);
    }

    @Override
    int open(FdSource.Tree tree, Zygote parent) {
        throw new IllegalStateException("who joins mounts nothing: " + tree);
    }

    @Override
    void ready() {}

    @Override
    void close() {}
}
