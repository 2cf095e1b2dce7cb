// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** Ending what is inside a cgroup, and removing it. */
final class CgroupTree {
    private static final int SIGKILL = 9;
    private static final int ENOTEMPTY = 39;
    static final long FIRST_PAUSE = TimeUnit.MICROSECONDS.toNanos(20);
    static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private CgroupTree() {}

    /**
     * Removes the directory and those below. A process that was reaped leaves its cgroup a moment later, and rmdir(2)
     * is EBUSY until then.
     */
    static void remove(KernelFiles files, String directory) throws SandboxException {
        long start = System.nanoTime();
        for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            try {
                files.rmdir(directory);
                return;
            } catch (KernelException refusal) {
                if (refusal.is(Errno.ENOENT)) {
                    return;
                }
                if (!occupied(refusal) || System.nanoTime() - start > PATIENCE) {
                    throw refusal.withCure(
                            occupied(refusal) ? "processes are still inside: see " + directory + "/cgroup.procs" : "");
                }
            }
            if (pause == FIRST_PAUSE) {
                for (String child : children(directory)) {
                    remove(files, child);
                }
            }
            pause(pause);
        }
    }

    /** Removes a directory that others share, unless they use it. */
    static void removeIfEmpty(KernelFiles files, String directory) throws KernelException {
        try {
            files.rmdir(directory);
        } catch (KernelException refusal) {
            if (!occupied(refusal) && !refusal.is(Errno.ENOENT)) {
                throw refusal;
            }
        }
    }

    private static boolean occupied(KernelException refusal) {
        return refusal.is(Errno.EBUSY) || refusal.is(new Errno(ENOTEMPTY));
    }

    /**
     * Ends every process in the directory, not in those below, where {@code cgroup.kill} is not to be had: no more
     * forks, then rounds of signals until nobody is listed.
     */
    static void killInRounds(KernelFiles files, String directory, IntConsumer killPid) throws SandboxException {
        try {
            files.write(directory + "/pids.max", "0");
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.ENOENT)) {
                throw refusal;
            }
        }
        long start = System.nanoTime();
        for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            String inside = files.read(directory + "/cgroup.procs");
            if (inside.isEmpty()) {
                return;
            }
            if (System.nanoTime() - start > PATIENCE) {
                throw new SandboxException(
                        "kill",
                        directory,
                        null,
                        "still inside after two seconds: " + inside.trim().replace('\n', ' '));
            }
            // 0 stands for a process of a pid namespace that this one can't see.
            inside.lines().mapToInt(Integer::parseInt).filter(pid -> pid > 0).forEach(killPid);
            pause(pause);
        }
    }

    /** Ends every process in the directory and below. */
    static void kill(KernelFiles files, String directory, IntConsumer killPid) throws SandboxException {
        try {
            files.write(directory + "/cgroup.kill", "1");
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.ENOENT)) {
                throw refusal;
            }
            for (String child : children(directory)) {
                kill(files, child, killPid);
            }
            killInRounds(files, directory, killPid);
        }
    }

    /** Lets frozen processes of version 1 below the directory go on: a signal reaches none before. */
    static void thaw(KernelFiles files, String directory) throws KernelException {
        for (String child : children(directory)) {
            if (new File(child, "freezer.state").exists()) {
                files.write(child + "/freezer.state", "THAWED");
            }
        }
    }

    /**
     * Kills by pidfd, after a second look: the pid that was read may have ended since and be another process's,
     * outside.
     */
    static void signal(Kernel kernel, int pid, String belowDirectory) {
        try {
            int pidfd = kernel.pidfdOpen(pid);
            try {
                String name = belowDirectory.substring(belowDirectory.indexOf("/hutch/"));
                if (kernel.read("/proc/" + pid + "/cgroup").contains(name)) {
                    kernel.pidfdSendSignal(pidfd, SIGKILL);
                }
            } finally {
                kernel.close(pidfd);
            }
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.ESRCH) && !refusal.is(Errno.ENOENT)) {
                throw new UncheckedIOException(refusal);
            }
        }
    }

    static String[] children(String directory) {
        File[] below = new File(directory).listFiles(File::isDirectory);
        String[] paths = new String[below == null ? 0 : below.length];
        for (int i = 0; i < paths.length; i++) {
            paths[i] = below[i].getPath();
        }
        return paths;
    }

    /** An interrupt must not stop a clean-up half way, nor make its waiting a busy loop: it is kept for afterwards. */
    static void pause(long nanos) {
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(nanos);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
