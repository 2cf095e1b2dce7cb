// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Ends all in a container's pid namespace but its PID 1, from outside: a fork bomb leaves no task to be had inside. While
 * they are listed and killed they are stopped, so that none is born in between; a signal is pending before they go on,
 * and whoever has one can't fork any more.
 */
final class Others {
    private static final int SIGKILL = 9;
    private static final long STOPPED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Kernel kernel;
    private final ContainerCgroup cgroup;
    private final String directory;
    private final int depth;

    /** @param first the pid of PID 1, as it is outside; it stays as long as this works */
    Others(Kernel kernel, ContainerCgroup cgroup, int first) throws KernelException {
        this.kernel = kernel;
        this.cgroup = cgroup;
        this.directory = cgroup.directories().values().iterator().next();
        this.depth = pids(first).size();
    }

    /** One round: whether anybody was there to be killed. */
    boolean round() throws SandboxException {
        cgroup.freeze(true);
        try {
            // Whoever waits in the kernel does not stop in time; he is killed all the same, or in the next round.
            cgroup.awaitFrozen(STOPPED_NANOS);
            boolean any = false;
            for (String pid : kernel.read(directory + "/cgroup.procs").split("\n")) {
                any |= !pid.isEmpty() && kill(Integer.parseInt(pid));
            }
            return any;
        } finally {
            cgroup.freeze(false);
        }
    }

    /** Checked after the pidfd is there: the pid that was listed may be another's, outside, by now. */
    private boolean kill(int pid) throws KernelException {
        int pidfd;
        try {
            pidfd = kernel.pidfdOpen(pid);
        } catch (KernelException e) {
            return gone(e);
        }
        try {
            if (!isOther(pids(pid)) || !isInside(pid)) {
                return false;
            }
            kernel.pidfdSendSignal(pidfd, SIGKILL);
            return true;
        } catch (KernelException e) {
            return gone(e);
        } finally {
            kernel.close(pidfd);
        }
    }

    /** A guard is in the cgroup and not in the namespace: it has no pid there. */
    private boolean isOther(List<Integer> pids) {
        return pids.size() >= depth && pids.get(depth - 1) != 1;
    }

    private boolean isInside(int pid) throws KernelException {
        return kernel.read("/proc/" + pid + "/cgroup").contains(directory.substring(directory.lastIndexOf('/')));
    }

    /** Its pids from this JVM's namespace down to its own; proc_pid_status(5), NSpid. */
    private List<Integer> pids(int pid) throws KernelException {
        List<Integer> pids = new ArrayList<>();
        for (String line : kernel.read("/proc/" + pid + "/status").split("\n")) {
            if (line.startsWith("NSpid:")) {
                for (String each : line.substring("NSpid:".length()).strip().split("\\s+")) {
                    pids.add(Integer.parseInt(each));
                }
            }
        }
        return pids;
    }

    private static boolean gone(KernelException e) throws KernelException {
        if (e.is(Errno.ESRCH) || e.is(Errno.ENOENT)) {
            return false;
        }
        throw e;
    }

    static long deadline() {
        return System.nanoTime() + PATIENCE_NANOS;
    }
}
