// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.LimitEvents;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompViolation;
import dev.hutch.spec.SetupTime;
import dev.hutch.spec.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A command of a container while it lives, from the clone of its first process on: the one that the container was made
 * for, or one that joined. Thread-safe.
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
    private static final long REASON_MILLIS = 1_000;

    private final Kernel kernel;
    private final Pidfds pidfds;
    private SandboxSpec spec;
    private final Container container;
    private final @Nullable LiveChild host;
    private final Executor cleaner;
    private final Runnable release;
    private final CompletableFuture<Report> told = new CompletableFuture<>();
    private final CompletableFuture<Report> ended;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private List<Op> lastOps = List.of();
    private long cpuBefore;
    private CgroupUsage before = CgroupUsage.NOTHING;
    private @Nullable CgroupUsage counted;
    private SetupTime setup = SetupTime.NONE;
    private long startedMillis;
    private @Nullable List<SeccompViolation> violations;
    private @Nullable Ending ending;
    private @Nullable Long askedAt;
    private @Nullable Duration wallTime;
    private boolean released;

    private LiveChild(
            Kernel kernel,
            SandboxSpec spec,
            Container container,
            @Nullable LiveChild host,
            Executor cleaner,
            Runnable release) {
        this.kernel = kernel;
        this.pidfds = new Pidfds(kernel);
        this.spec = spec;
        this.wallTime = spec.wallTime();
        this.container = container;
        this.host = host;
        this.cleaner = cleaner;
        this.release = release;
        this.ended = host == null ? told : told.thenCompose(report -> whenItsReasonShows(host, report));
    }

    /**
     * A container's end kills whoever is about to join before it is told itself: one that was killed before its execve is
     * given out as ended once that shows, or after a second, if somebody else killed it.
     */
    private static CompletableFuture<Report> whenItsReasonShows(LiveChild host, Report report) {
        if (report.error() != 0 || report.execNanos() != 0) {
            return CompletableFuture.completedFuture(report);
        }
        CompletableFuture<Report> patience =
                new CompletableFuture<Report>().completeOnTimeout(report, REASON_MILLIS, TimeUnit.MILLISECONDS);
        return CompletableFuture.anyOf(host.ended, patience).handle((end, failure) -> report);
    }

    /**
     * The one that a container is made for, and ends with.
     *
     * @param cleaner removes the container after its end
     * @param release what is to be done then, when none of its processes is left
     */
    static LiveChild first(Kernel kernel, SandboxSpec spec, Container container, Executor cleaner, Runnable release) {
        return new LiveChild(kernel, spec, container, null, cleaner, release);
    }

    /**
     * One more, which leaves the container as it is.
     *
     * @param spec its own deadlines; namespaces and ids as the container has them
     * @param host the container's own command
     * @throws SandboxException if that has ended or is paused
     */
    static LiveChild joining(Kernel kernel, SandboxSpec spec, LiveChild host) throws SandboxException {
        LiveChild child = new LiveChild(kernel, spec, host.container, host, Runnable::run, () -> {});
        host.container.join(child.gone);
        return child;
    }

    /** Completes when the command has ended and, where it was the container's own, everything inside is dead. */
    public CompletableFuture<Report> ended() {
        return ended;
    }

    /** Completes when nothing of it is left: processes reaped, descriptors closed, and its own container's cgroup removed. */
    public CompletableFuture<Void> gone() {
        return gone;
    }

    public synchronized SandboxSpec spec() {
        return spec;
    }

    /** Of one that was made before it was known what for; set before anything else hears of it. */
    synchronized void becomes(SandboxSpec its) {
        spec = its;
        wallTime = its.wallTime();
    }

    /** A wall time in place of the spec's, set before its deadlines are watched. */
    public synchronized void wallTime(@Nullable Duration limit) {
        wallTime = limit;
    }

    synchronized @Nullable Duration wallTime() {
        return wallTime;
    }

    /** The container's own command. */
    public LiveChild host() {
        return host == null ? this : host;
    }

    public Container container() {
        return container;
    }

    public synchronized SetupTime setup() {
        return setup;
    }

    public List<Enforced> enforced() {
        return Stream.concat(
                        container.enforced().stream(),
                        Walls.deadlines(spec(), wallTime(), container.cgroup().countsCpu()).stream())
                .toList();
    }

    /** The command's pid as this JVM sees it. */
    public int pid() {
        return pidfds.commandPid();
    }

    public synchronized @Nullable Ending ending() {
        return ending;
    }

    /** By how much the clock that stamps its execve is ahead of the one that stamps its end: a guard that joined has both. */
    Duration clockOffset() {
        return host != null ? Duration.ZERO : spec().timeOffsets().monotonic();
    }

    /** Takes over the descriptor, also where the child has already ended and been removed. */
    void cloned(int pidfd) throws KernelException {
        pidfds.first(pidfd);
    }

    /** Takes over the descriptor of the process that will be the command. */
    void parked(int pid, int pidfd) {
        pidfds.command(pid, pidfd);
    }

    /** @param last what it walks from now on: words for a failure that shows only in its end */
    synchronized void started(List<Op> last) throws KernelException {
        lastOps = last;
        cpuBefore = container.cgroup().cpuNanos();
        if (host != null) {
            before = container.counted();
            startedMillis = System.currentTimeMillis();
        }
    }

    /** Processor time that was used before, by the cgroup's counter; the command's account begins there. */
    public synchronized long cpuBefore() {
        return cpuBefore;
    }

    synchronized List<Op> lastOps() {
        return lastOps;
    }

    /** Whether its first process is no more. */
    boolean isOver() throws KernelException {
        return pidfds.isFirstOver();
    }

    synchronized void setup(SetupTime times) {
        setup = times;
    }

    /** Of the container's walls; whoever joins stands behind those that are there. */
    void note(Enforced note) {
        if (host == null) {
            container.note(note);
        }
    }

    /**
     * A descriptor that is readable once the container's first process has ended. Given once, to whoever serves the
     * streams, who closes it: the container may be over and its other descriptors closed before they begin.
     */
    public int takeWatch() {
        return pidfds.takeWatch();
    }

    /** A pidfd of the first process; the caller closes it. */
    int firstPidfd() throws SandboxException {
        return pidfds.copyOfFirst();
    }

    /** A pidfd of the command, the one process in all of the container's namespaces; the caller closes it. */
    int commandPidfd() throws SandboxException {
        return pidfds.copyOfCommand();
    }

    /** Whether the command is no more; its end may not have been told yet. */
    boolean isCommandOver() throws KernelException {
        return pidfds.isCommandOver();
    }

    /** Sends a signal to the command alone. An ended command takes none, and that is no failure. */
    public void signal(int number) throws SandboxException {
        pidfds.signalCommand(number);
    }

    /**
     * Asks the command by a signal to end, and lets it run where it is paused.
     *
     * @return false where somebody else ends it already, and nothing was sent
     */
    boolean ask(int signal, Ending why) throws SandboxException {
        synchronized (this) {
            if (ending != null || told.isDone()) {
                return false;
            }
            ending = why;
            askedAt = System.nanoTime();
        }
        pidfds.signalCommandOrFirst(signal);
        if (host != null) {
            container.thawUntil(gone);
        } else {
            container.goOn();
        }
        return true;
    }

    /** @param endNanos by the clock that stamps its end: a guard that joined has the container's */
    synchronized boolean wasAskedBefore(long endNanos) {
        long offset = host != null ? spec.timeOffsets().monotonic().toNanos() : 0;
        return askedAt != null && (endNanos == 0 || endNanos - offset - askedAt >= 0);
    }

    /**
     * Ends the command, so that init reports what it was and how much it used. The death of the container's own takes all
     * others along.
     */
    public synchronized void end(Ending why) throws SandboxException {
        if (ending == null && !told.isDone()) {
            ending = why;
        }
        pidfds.signalCommandOrFirst(SIGKILL);
        thaw();
    }

    /** Ends the first process, and with it the pid namespace or the command: where the command's death was not enough. */
    void endNow() throws SandboxException {
        pidfds.signalFirst(SIGKILL);
        thaw();
    }

    private void thaw() throws SandboxException {
        if (host != null) {
            container.thawUntil(gone);
        } else {
            container.end();
        }
    }

    @Override
    public void ended(Report report) {
        over(report);
        told.complete(report);
    }

    @Override
    public void reaped(Report report) {
        over(report);
        told.complete(report);
        releaseLater(false);
    }

    @Override
    public void lost() {
        over();
        told.completeExceptionally(new SandboxException(
                "zygote", "", Errno.ESRCH, "it has ended, and the sandbox with it; a new start gets a new one"));
        releaseLater(true);
    }

    private void over(Report report) {
        if (host == null) {
            container.over(report, pid());
        }
    }

    private void over() {
        if (host == null) {
            container.over();
        }
    }

    /** Whether it joined a container that has ended, or is being ended, and all in it with it. */
    boolean wentWithItsContainer() {
        return host != null && container.isOver();
    }

    /** What the cgroup counted while it ran, read once; of its own container at the end, before the removal. */
    synchronized CgroupUsage counted() throws KernelException {
        if (counted == null) {
            counted = host != null ? container.counted().since(before) : container.countedLast();
        }
        return counted;
    }

    /**
     * What the container's filter killed for or logged while this command ran; known once for all.
     *
     * @param killed whether this command was, whose record may be on its way
     */
    List<SeccompViolation> violations(boolean killed) {
        Violations all = container.violations();
        if (all == null) {
            return List.of();
        }
        long since;
        synchronized (this) {
            if (violations != null) {
                return violations;
            }
            since = startedMillis;
        }
        List<SeccompViolation> found = all.since(since, killed ? pid() : 0);
        // Two who ask at once are told the same.
        synchronized (this) {
            violations = violations == null ? found : violations;
            return violations;
        }
    }

    /** How often the container's limits were met so far. */
    public LimitEvents limitEvents() throws SandboxException {
        return container.limitEvents();
    }

    /** What the container uses now, or used at last, without what was used before. */
    public Usage usage() throws SandboxException {
        return container.usage(cpuBefore());
    }

    /** The container goes after who joined it. A context that is being closed waits for no more work to be queued. */
    private void releaseLater(boolean kill) {
        if (host != null) {
            release(kill);
        } else {
            container.othersGone().whenComplete((nothing, failure) -> {
                try {
                    cleaner.execute(() -> release(kill));
                } catch (RejectedExecutionException e) {
                    release(kill);
                }
            });
        }
    }

    /** @param kill whether processes may still live: nobody has reaped the first one, which takes the others along */
    private void release(boolean kill) {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        try {
            if (host == null) {
                container.remove(kill);
            }
            // Only now: while a process lives, its ids must not become another sandbox's.
            release.run();
        } catch (SandboxException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "a sandbox's cgroup and ids are left", e);
        } finally {
            pidfds.close();
            if (host == null) {
                container.left();
            }
            gone.complete(null);
        }
    }

    /** The launch has failed: nobody will serve its streams. */
    void abandon() {
        int watch = takeWatch();
        if (watch >= 0) {
            kernel.close(watch);
        }
    }

    /** Ends a launch of which nothing is known to have been cloned. */
    void abandonUncloned() {
        release(false);
        abandon();
    }
}
