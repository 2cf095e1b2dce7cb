// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.cgroup.LimitEvents;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.net.Attachment;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Usage;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What all commands of one container share: the cgroup that holds them, with its limits and its freezer, the ids, and the
 * account of what is enforced. Its first command's end is its own; others come and go. Thread-safe.
 */
public final class Container {
    private static final int SIGKILL = 9;
    private static final int SIGSYS = 31;
    private static final long FREEZE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FREEZE_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Kernel kernel;
    private final Ids ids;
    private final ContainerCgroup cgroup;
    private final List<Enforced> enforced = new ArrayList<>();
    private final List<Runnable> limitsChanged = new ArrayList<>();
    private final List<CompletableFuture<Void>> others = new ArrayList<>();
    private @Nullable CgroupUsage last;
    private boolean frozen;
    private boolean over;
    private boolean removed;
    private boolean left;
    private @Nullable Permit permit;
    private Thawer thawer = state -> {};
    private Attachment network = Attachment.NONE;
    private @Nullable Violations violations;
    private int killedByFilter;

    Container(Kernel kernel, Ids ids, ContainerCgroup cgroup) {
        this.kernel = kernel;
        this.ids = ids;
        this.cgroup = cgroup;
        this.enforced.addAll(cgroup.enforced());
    }

    /** Lets processes that are stopped go on when this JVM is gone. */
    interface Thawer {
        /**
         * Keeps it for then.
         *
         * @param state what is written to; the caller closes it
         */
        void holds(int state) throws SandboxException;
    }

    synchronized void thawer(Thawer its) {
        thawer = its;
    }

    Ids ids() {
        return ids;
    }

    ContainerCgroup cgroup() {
        return cgroup;
    }

    synchronized List<Enforced> enforced() {
        return List.copyOf(enforced);
    }

    synchronized void note(Enforced note) {
        enforced.add(note);
    }

    /** Takes over what it is attached to, beside what there is already, to be closed at its end; answers whether it is before that. */
    synchronized boolean attach(Attachment attachment) {
        if (!removed) {
            network = network.and(attachment);
        }
        return !removed;
    }

    public synchronized Attachment network() {
        return network;
    }

    /** Takes over where the kernel tells of its filter, to be closed at its end; answers whether it is before that. */
    synchronized boolean watch(Violations its) {
        if (!removed) {
            violations = its;
        }
        return !removed;
    }

    /** Null where its filter is Hutch's own, or the kernel tells nothing. */
    synchronized @Nullable Violations violations() {
        return violations;
    }

    /** Nobody is inside any more. */
    void endViolations() {
        Violations its = violations();
        if (its != null) {
            its.ended(killedByFilter());
        }
    }

    private synchronized int killedByFilter() {
        return killedByFilter;
    }

    /** One more command comes: not after the first one's end, and not while nothing in here can run. */
    synchronized void join(CompletableFuture<Void> gone) throws SandboxException {
        checkRunning("exec");
        if (frozen) {
            throw new SandboxException("exec", "", null, "the sandbox is paused: resume it first");
        }
        others.removeIf(CompletableFuture::isDone);
        others.add(gone);
    }

    /** Its room in the budget is its own until nothing is left of it. */
    void keep(Permit room) {
        synchronized (this) {
            if (!left) {
                permit = room;
                return;
            }
        }
        room.giveBack();
    }

    /** Nothing is left of it; who waits for its room hears of it before anybody else. */
    void left() {
        Permit room;
        synchronized (this) {
            left = true;
            room = permit;
        }
        if (room != null) {
            room.giveBack();
        }
    }

    private synchronized @Nullable Permit permit() {
        return permit;
    }

    /** Whether it has ended, or is being ended. */
    synchronized boolean isOver() {
        return over;
    }

    /** Where it is paused, all go on. */
    synchronized void goOn() throws SandboxException {
        thaw();
    }

    /** It has ended, or is being ended: nobody joins any more, and nobody is kept from his end by the freezer. */
    synchronized void end() throws SandboxException {
        over = true;
        thaw();
    }

    /** Its own command has ended: nobody joins any more. */
    synchronized void over() {
        over = true;
    }

    /** The same, of the command with that pid; its first process, whose end may come after, is told of too. */
    synchronized void over(Report report, int command) {
        over = true;
        killedByFilter = report.signal() == SIGSYS ? command : killedByFilter;
    }

    /** Completes when the commands that joined have ended, and nothing of theirs is in the cgroup. */
    synchronized CompletableFuture<Void> othersGone() {
        return CompletableFuture.allOf(others.toArray(CompletableFuture[]::new));
    }

    /**
     * Stops all processes and waits until they have stopped, up to five seconds. Not under the lock: whoever ends it
     * meanwhile, a deadline too, waits for nothing.
     */
    public void pause() throws SandboxException {
        synchronized (this) {
            checkHeld("pause");
            checkRunning("pause");
            handOutThaw();
            frozen = true;
            cgroup.freeze(true);
        }
        long start = System.nanoTime();
        while (!stopped()) {
            freezeAgain(System.nanoTime() - start > FREEZE_NANOS);
        }
    }

    /** Before they are stopped: at any moment from then on this JVM may be no more. */
    private void handOutThaw() throws SandboxException {
        OptionalInt state = cgroup.openThaw();
        if (state.isPresent()) {
            try {
                thawer.holds(state.getAsInt());
            } finally {
                kernel.close(state.getAsInt());
            }
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
        if (frozen && !removed) {
            cgroup.freeze(false);
        }
        frozen = false;
    }

    /** Where it is paused, all go on until one command has ended, which it could not do else. */
    synchronized void thawUntil(CompletableFuture<?> ended) throws SandboxException {
        if (frozen && !removed) {
            cgroup.freeze(false);
            ended.whenComplete((report, failure) -> freezeIfPaused());
        }
    }

    private synchronized void freezeIfPaused() {
        try {
            if (frozen && !over) {
                cgroup.freeze(true);
            }
        } catch (SandboxException e) {
            log("a paused sandbox goes on", e);
        }
    }

    /**
     * Ends all in the pid namespace but its PID 1, needing no task in there: in rounds, between which an end of the whole
     * gets its turn. Whoever they were has been killed then, and may take a moment to die.
     *
     * @param first the pid of PID 1, as it is outside
     * @return false where no cgroup holds them, and nothing was done
     */
    public boolean endOthers(int first) throws SandboxException {
        if (cgroup.directories().isEmpty()) {
            return false;
        }
        long deadline = Others.deadline();
        while (endOthersOnce(first)) {
            if (System.nanoTime() > deadline) {
                throw new SandboxException(
                        "end others",
                        "",
                        null,
                        "some are still there after 10 s: see which wait in the kernel (state D in ps)");
            }
        }
        return true;
    }

    private synchronized boolean endOthersOnce(int first) throws SandboxException {
        checkRunning("end others");
        if (frozen) {
            throw new SandboxException("end others", "", null, "the sandbox is paused: resume it first");
        }
        return new Others(kernel, cgroup, first).round();
    }

    private void checkRunning(String operation) throws SandboxException {
        if (over) {
            throw new SandboxException(operation, "", null, "the sandbox has ended, or is being ended");
        }
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

    /** What the cgroup has counted so far; once its end was counted, that. */
    synchronized CgroupUsage counted() throws KernelException {
        return last != null ? last : cgroup.usage();
    }

    /** What the cgroup had counted at the end, read once, before it is removed. */
    synchronized CgroupUsage countedLast() throws KernelException {
        last = counted();
        return last;
    }

    /** How often its limits were met; nothing once it has been removed, for its last count has that. */
    synchronized LimitEvents limitEvents() throws KernelException {
        return removed ? LimitEvents.NONE : cgroup.limitEvents();
    }

    /**
     * What it uses now; once it has been removed, the times and peaks that were counted last. Under the lock, so that the
     * cgroup is not removed meanwhile.
     *
     * @param cpuBefore nanoseconds of processor time that are left out of the count
     */
    synchronized Usage usage(long cpuBefore) throws SandboxException {
        checkHeld("usage");
        return removed ? counted().asLast(cpuBefore) : cgroup.current(cpuBefore);
    }

    /** Those in force. */
    public Limits limits() {
        return cgroup.limits();
    }

    /** Other limits from now on: all, or an error that names what was refused. */
    public void update(Limits limits) throws SandboxException {
        Permit room = permit();
        if (room == null) {
            change(limits);
        } else {
            room.change(limits, () -> change(limits));
        }
    }

    private void change(Limits limits) throws SandboxException {
        List<Runnable> told;
        synchronized (this) {
            checkHeld("update limits");
            checkRunning("update limits");
            cgroup.update(limits);
            enforced.removeIf(note -> Arrays.stream(Limit.values())
                    .anyMatch(limit -> limit.option().equals(note.name())));
            enforced.addAll(0, cgroup.enforced());
            told = List.copyOf(limitsChanged);
        }
        told.forEach(Runnable::run);
    }

    /** For who reckons with the limits: called after each change of them, until the command has ended. */
    synchronized void whenLimitsChange(Runnable action, CompletableFuture<?> ended) {
        limitsChanged.add(action);
        ended.whenComplete((report, failure) -> forget(action));
    }

    private synchronized void forget(Runnable action) {
        limitsChanged.remove(action);
    }

    /**
     * Removes the cgroup; its last count stays.
     *
     * @param kill whether processes may still live: nobody has reaped the first one, which takes the others along
     */
    void remove(boolean kill) throws SandboxException {
        synchronized (this) {
            over = true;
            thawLast();
            countAtLast();
            removed = true;
        }
        if (kill) {
            cgroup.kill(this::kill);
        }
        try {
            cgroup.remove();
        } catch (SandboxException e) {
            // Whoever is still inside when everybody must have ended is ended now.
            cgroup.kill(this::kill);
            cgroup.remove();
            log("a sandbox's cgroup still had processes", e);
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

    private void countAtLast() {
        try {
            countedLast();
        } catch (SandboxException | RuntimeException e) {
            log("a sandbox's usage could not be read", e);
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

    private static void log(String what, Exception e) {
        Log.write(System.Logger.Level.WARNING, what, e);
    }
}
