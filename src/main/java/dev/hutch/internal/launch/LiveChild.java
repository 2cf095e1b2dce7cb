// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SetupTime;
import dev.hutch.spec.Usage;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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

    private static final int SIGKILL = 9;
    private static final long FREEZE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FREEZE_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

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
    private List<Op> lastOps = List.of();
    private long cpuBefore;
    private SetupTime setup = SetupTime.NONE;
    private @Nullable Ending ending;
    private Verdict.@Nullable Facts facts;
    private boolean released;
    private boolean frozen;
    private Runnable limitsChanged = () -> {};

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

    /** Takes over the descriptor, also where the child has already ended and been removed. */
    synchronized void cloned(int pidfd) throws KernelException {
        firstPidfd = pidfd;
        try {
            watch = kernel.dup(pidfd);
        } finally {
            if (released) {
                closeDescriptors();
            }
        }
    }

    /** Takes over the descriptor of the process that will be the command. */
    synchronized void parked(int pid, int pidfd) {
        commandPid = pid;
        if (released) {
            kernel.close(pidfd);
        } else {
            commandPidfd = pidfd;
        }
    }

    /** @param last what it walks from now on: words for a failure that shows only in its end */
    synchronized void started(List<Op> last) throws KernelException {
        lastOps = last;
        cpuBefore = cgroup.cpuNanos();
    }

    /** Processor time that the set-up took, by the cgroup's counter; the command's account begins there. */
    public synchronized long cpuBefore() {
        return cpuBefore;
    }

    synchronized List<Op> lastOps() {
        return lastOps;
    }

    /** Whether its first process is no more. */
    synchronized boolean isOver() throws KernelException {
        return firstPidfd < 0 || kernel.poll(0, 0, firstPidfd) != 0;
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

    /** Under the lock, so that the descriptor is not another's by now. */
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
    public synchronized void end(Ending why) throws SandboxException {
        if (ending == null && !ended.isDone()) {
            ending = why;
        }
        signal(SIGKILL, commandPidfd >= 0);
        thaw();
    }

    /** Ends the container's first process, and with it the pid namespace: where the command's death was not enough. */
    synchronized void endNow() throws SandboxException {
        signal(SIGKILL, false);
        thaw();
    }

    /**
     * Stops all processes and waits until they have stopped, up to five seconds. Not under the lock: whoever ends it
     * meanwhile, a deadline too, waits for nothing.
     */
    public void pause() throws SandboxException {
        synchronized (this) {
            checkHeld("pause");
            checkRunning("pause");
            frozen = true;
            cgroup.freeze(true);
        }
        long start = System.nanoTime();
        while (!stopped()) {
            freezeAgain(System.nanoTime() - start > FREEZE_NANOS);
        }
    }

    /** One that ends while it is looked at may have been removed too: what became of it is asked under the lock. */
    private boolean stopped() throws SandboxException {
        try {
            return cgroup.awaitFrozen(FREEZE_ROUND_NANOS);
        } catch (SandboxException e) {
            synchronized (this) {
                checkRunning("pause");
            }
            throw e;
        }
    }

    /** Version 1 may wait for ever for a parent that waits for the child of its vfork(2), which has stopped: runc's way. */
    private synchronized void freezeAgain(boolean late) throws SandboxException {
        checkRunning("pause");
        if (!frozen) {
            throw new SandboxException("pause", "", null, "it was resumed meanwhile");
        }
        cgroup.freeze(false);
        if (late) {
            frozen = false;
            throw new SandboxException(
                    "pause",
                    "",
                    null,
                    "not all processes stopped within 5 s, so they go on: see which wait in the kernel (state D in ps)");
        }
        cgroup.freeze(true);
    }

    /** Continues all processes; nothing where they were not stopped. */
    public synchronized void resume() throws SandboxException {
        checkHeld("resume");
        thaw();
    }

    /** Version 1 lets a signal take effect only then; and init, which tells of the end, is stopped too. */
    private void thaw() throws SandboxException {
        if (frozen && !released) {
            cgroup.freeze(false);
        }
        frozen = false;
    }

    private void checkRunning(String operation) throws SandboxException {
        if (ending != null || ended.isDone()) {
            throw new SandboxException(operation, "", null, "the sandbox has ended, or is being ended");
        }
    }

    @Override
    public void ended(Report report) {
        ended.complete(report);
    }

    @Override
    public void reaped(Report report) {
        ended.complete(report);
        releaseLater(false);
    }

    @Override
    public void lost() {
        ended.completeExceptionally(new SandboxException(
                "zygote", "", Errno.ESRCH, "it has ended, and the sandbox with it; a new start gets a new one"));
        releaseLater(true);
    }

    /** What the cgroup counted, read once, before it is removed. */
    synchronized Verdict.Facts facts() throws KernelException {
        if (facts == null) {
            facts = new Verdict.Facts(cgroup.usage());
        }
        return facts;
    }

    /**
     * What it uses now; once it has been removed, the times and peaks that were counted last. Under the lock, so that the
     * cgroup is not removed meanwhile.
     */
    public synchronized Usage usage() throws SandboxException {
        checkHeld("usage");
        return released ? lastUsage(facts().usage()) : cgroup.current(cpuBefore);
    }

    /** Those in force. */
    public Limits limits() {
        return cgroup.limits();
    }

    /** Other limits from now on: all, or an error that names what was refused. */
    public void update(Limits limits) throws SandboxException {
        Runnable told;
        synchronized (this) {
            checkHeld("update limits");
            checkRunning("update limits");
            cgroup.update(limits);
            enforced.removeIf(note -> Arrays.stream(Limit.values())
                    .anyMatch(limit -> limit.option().equals(note.name())));
            enforced.addAll(0, cgroup.enforced());
            told = limitsChanged;
        }
        told.run();
    }

    /** For who reckons with the limits: called after each change of them. */
    synchronized void whenLimitsChange(Runnable action) {
        limitsChanged = action;
    }

    private void checkHeld(String operation) throws SandboxException {
        if (cgroup.directories().isEmpty()) {
            throw new SandboxException(
                    operation,
                    "",
                    null,
                    "no cgroup holds the sandbox: run as root or in a delegated cgroup (see hutch doctor)");
        }
    }

    private Usage lastUsage(CgroupUsage last) {
        Optional<Duration> cpu = last.cpuCounted() ? Optional.of(last.cpuSince(cpuBefore)) : Optional.empty();
        Optional<Duration> user = cpu.map(last::userPart);
        return new Usage(
                cpu,
                user,
                cpu.map(all -> all.minus(user.orElseThrow())),
                OptionalLong.empty(),
                positive(last.memoryPeak()),
                OptionalLong.empty(),
                positive(last.pidsPeak()),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static OptionalLong positive(long figure) {
        return figure > 0 ? OptionalLong.of(figure) : OptionalLong.empty();
    }

    /** A context that is being closed waits for no more work to be queued. */
    private void releaseLater(boolean kill) {
        try {
            cleaner.execute(() -> release(kill));
        } catch (RejectedExecutionException e) {
            release(kill);
        }
    }

    /** @param kill whether processes may still live: nobody has reaped the first one, which takes the others along */
    private void release(boolean kill) {
        synchronized (this) {
            if (released) {
                return;
            }
            thawLast();
            released = true;
        }
        try {
            count();
            if (kill) {
                cgroup.kill(this::kill);
            }
            removeCgroup();
            // Only now: while a process lives, its ids must not become another sandbox's.
            release.run();
        } catch (SandboxException | RuntimeException e) {
            log("a sandbox's cgroup and ids are left", e);
        } finally {
            closeDescriptors();
            gone.complete(null);
        }
    }

    /** A stopped process can't be ended; whoever is left is tried all the same. */
    private void thawLast() {
        try {
            thaw();
        } catch (SandboxException e) {
            log("a paused sandbox could not be resumed for its end", e);
        }
    }

    private void count() {
        try {
            facts();
        } catch (SandboxException | RuntimeException e) {
            log("a sandbox's usage could not be read", e);
        }
    }

    /** Whoever is still inside when everybody must have ended is ended now. */
    private void removeCgroup() throws SandboxException {
        try {
            cgroup.remove();
        } catch (SandboxException e) {
            cgroup.kill(this::kill);
            cgroup.remove();
            log("a sandbox's cgroup still had processes", e);
        }
    }

    /** After a second look: the pid that was seen inside may have ended since and be another process's, outside. */
    private void kill(int pid) {
        try {
            int pidfd = kernel.pidfdOpen(pid);
            try {
                String directory = cgroup.directories().values().iterator().next();
                String name = directory.substring(directory.lastIndexOf('/'));
                if (kernel.read("/proc/" + pid + "/cgroup").contains(name)) {
                    kernel.pidfdSendSignal(pidfd, SIGKILL);
                }
            } finally {
                kernel.close(pidfd);
            }
        } catch (KernelException e) {
            if (!e.is(Errno.ESRCH) && !e.is(Errno.ENOENT)) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private synchronized void closeDescriptors() {
        closeFd(firstPidfd);
        closeFd(commandPidfd);
        firstPidfd = -1;
        commandPidfd = -1;
    }

    private static void log(String what, Exception e) {
        System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, what, e);
    }

    /** The launch has failed: nobody will serve its streams. */
    void abandon() {
        closeFd(takeWatch());
    }

    /** Ends a launch of which nothing is known to have been cloned. */
    void abandonUncloned() {
        release(false);
        abandon();
    }

    private void closeFd(int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
    }
}
