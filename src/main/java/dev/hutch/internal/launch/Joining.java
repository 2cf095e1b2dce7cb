// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.FdSource;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One more command for a container that runs. Its first process is a guard, which stays outside the pid namespace and
 * ends with the command. It is cloned into the cgroup, and enters the namespaces of the container's own command: no other
 * process is in all of them. A plain user may, as the owner of the user namespace.
 */
final class Joining extends Parking {
    /** What runs inside can stop a process of its own ids before its execve, and answers for ever are not waited for. */
    private static final long PATIENCE_MILLIS = 30_000;

    private final LiveChild host;

    private Joining(Means means, LiveChild child, LiveChild host) {
        super(means, child, PATIENCE_MILLIS, System.nanoTime());
        this.host = host;
    }

    /**
     * Parks one more child in a container. Nothing of it is left if that fails.
     *
     * @param host the container's own command
     * @param spec the deadlines, rlimits and filter of the new one
     */
    static Parked park(Means means, Zygote parent, LiveChild host, SandboxSpec spec) throws IOException {
        LiveChild child = LiveChild.joining(means.kernel(), spec, host);
        return new Joining(means, child, host).run(parent);
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
            go(channel, false, namespacesOf(child().spec()), pidfd);
        } finally {
            means().kernel().close(pidfd);
        }
    }

    private static long namespacesOf(SandboxSpec spec) {
        long flags = 0;
        for (Namespace namespace : spec.namespaces()) {
            flags |= namespace.cloneFlag();
        }
        return flags;
    }

    @Override
    Launch launch() {
        return new Launch(
                child().spec(),
                "",
                map().maps().gids(),
                map().switches() || !map().mapped(),
                CgroupView.NONE,
                new byte[0],
                List.of(),
                Map.of(),
                "/",
                false);
    }

    @Override
    List<Op> ops(Launch launch) {
        return means().plans().joined(launch);
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
