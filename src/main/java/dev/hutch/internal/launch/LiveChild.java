// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A container while it lives, from the clone to the removal of its cgroup. Owns the pidfds of its first process and of
 * the command. Thread-safe.
 */
public final class LiveChild implements Zygote.Listener {
    /** Why we ended it ourselves; the verdict asks. */
    public enum Ending {
        TIMEOUT,
        CPU_TIMEOUT,
        OUTPUT_LIMIT,
        DESTROYED
    }

    private final Kernel kernel;
    private final SandboxSpec spec;
    private final ContainerCgroup cgroup;
    private final Executor cleaner;
    private final Runnable release;
    private final CompletableFuture<Report> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final List<Enforced> enforced = new ArrayList<>();
    private int firstPidfd = -1;
    private int watch = -1;
    private int commandPid;
    private int commandPidfd = -1;
    private SetupTime setup = new SetupTime(
            java.time.Duration.ZERO, java.time.Duration.ZERO, java.time.Duration.ZERO, java.time.Duration.ZERO);
    private @Nullable Ending ending;
    private Verdict.@Nullable Facts facts;
    private boolean released;

    LiveChild(Kernel kernel, SandboxSpec spec, ContainerCgroup cgroup, Executor cleaner, Runnable release) {
        this.kernel = kernel;
        this.spec = spec;
        this.cgroup = cgroup;
        this.cleaner = cleaner;
        this.release = release;
        this.enforced.addAll(cgroup.enforced());
    }

    /** Completes when the command has ended and everything inside is dead. */
    public CompletableFuture<Report> ended() {
        return ended;
    }

    /** Completes when nothing of it is left: processes reaped, cgroup removed, descriptors closed. */
    public CompletableFuture<Void> gone() {
        return gone;
    }

    public SandboxSpec spec() {
        return spec;
    }

    public ContainerCgroup cgroup() {
        return cgroup;
    }

    public synchronized SetupTime setup() {
        return setup;
    }

    public synchronized List<Enforced> enforced() {
        return List.copyOf(enforced);
    }

    /** The command's pid as this JVM sees it. */
    public synchronized int pid() {
        return commandPid;
    }

    public synchronized @Nullable Ending ending() {
        return ending;
    }

    synchronized void cloned(int pidfd) throws KernelException {
        firstPidfd = pidfd;
        watch = kernel.dup(pidfd);
    }

    synchronized void started(int pid, int pidfd) {
        commandPid = pid;
        commandPidfd = pidfd;
    }

    synchronized void setup(SetupTime times) {
        setup = times;
    }

    synchronized void note(Enforced note) {
        enforced.add(note);
    }

    /**
     * A descriptor that is readable once the container's first process has ended. Given once, to whoever serves the
     * streams, who closes it: the container may be over and its other descriptors closed before they begin.
     */
    public synchronized int takeWatch() {
        int fd = watch;
        watch = -1;
        return fd;
    }

    /** Sends a signal to the command alone. An ended command takes none, and that is no failure. */
    public void signal(int number) throws SandboxException {
        signal(number, true);
    }

    private synchronized void signal(int number, boolean command) throws SandboxException {
        int pidfd = command ? commandPidfd : firstPidfd;
        if (pidfd < 0) {
            return;
        }
        try {
            kernel.pidfdSendSignal(pidfd, number);
        } catch (KernelException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /**
     * Ends the whole container. The command is killed first, so that init reports what it was and how much it used; its
     * death takes all others along.
     */
    public void end(Ending why) throws SandboxException {
        synchronized (this) {
            if (ending == null && !ended.isDone()) {
                ending = why;
            }
        }
        signal(9, true);
    }

    /** Ends the container's first process, and with it the pid namespace: where the command's death was not enough. */
    void endNow() throws SandboxException {
        signal(9, false);
    }

    @Override
    public void ended(Report report) {
        ended.complete(report);
    }

    @Override
    public void reaped(Report report) {
        ended.complete(report);
        cleaner.execute(this::release);
    }

    @Override
    public void lost() {
        ended.completeExceptionally(new SandboxException(
                "zygote", "", Errno.ESRCH, "it has ended, and the sandbox with it; a new start gets a new one"));
        cleaner.execute(this::release);
    }

    /** What the cgroup counted, read once, before it is removed. */
    synchronized Verdict.Facts facts() throws KernelException {
        if (facts == null) {
            facts = new Verdict.Facts(cgroup.usage());
        }
        return facts;
    }

    private void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        try {
            facts();
            cgroup.remove();
        } catch (SandboxException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "a sandbox's cgroup is left", e);
        }
        synchronized (this) {
            closeFd(firstPidfd);
            closeFd(commandPidfd);
            firstPidfd = -1;
            commandPidfd = -1;
        }
        release.run();
        gone.complete(null);
    }

    /** The launch has failed: nobody will serve its streams. */
    void abandon() {
        closeFd(takeWatch());
    }

    /** Ends a launch of which nothing was ever cloned. */
    void abandonUncloned() {
        release();
    }

    private void closeFd(int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
    }
}
