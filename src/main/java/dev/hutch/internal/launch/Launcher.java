// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.cgroup.Cgroups;
import dev.hutch.internal.files.Collect;
import dev.hutch.internal.files.CopyOut;
import dev.hutch.internal.files.ThrowAways;
import dev.hutch.internal.host.KernelVersion;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.Attacher;
import dev.hutch.internal.plan.Attached;
import dev.hutch.internal.plan.CgroupView;
import dev.hutch.internal.plan.Host;
import dev.hutch.internal.plan.Launch;
import dev.hutch.internal.seccomp.SeccompFilters;
import dev.hutch.spec.CollectRule;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.InputFile;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Launches sandboxes: a child is parked and then given its command, whether it was parked ahead or just now. One per
 * context. Thread-safe.
 */
public final class Launcher implements AutoCloseable {
    private static final long CLEANED_SECONDS = 10;
    private static final Set<String> NO_FILES = Set.of("proc", "sys", "dev");

    private final Means means;
    private final Stock<Parked> stock;
    private final Stock<Blank> blanks;
    private final PreparedChildren prepared = new PreparedChildren();
    private final Map<SandboxSpec, WarmPool> pools = new ConcurrentHashMap<>();

    private final Cleaners cleaners = new Cleaners();
    private final ReadWriteLock underWay = new ReentrantReadWriteLock();
    private final Zygotes zygotes;
    private boolean closed;

    /**
     * @param zygotes closed with this
     * @param stock how many children are parked ahead; 0 for none
     */
    public Launcher(
            Kernel kernel,
            KernelVersion version,
            Host host,
            Zygotes zygotes,
            Cgroups cgroups,
            IdSource ids,
            Attacher attacher,
            Supplier<String> hostnames,
            int stock) {
        this(kernel, version, host, zygotes, cgroups, ids, attacher, hostnames, stock, PlanSource.COMPILER);
    }

    Launcher(
            Kernel kernel,
            KernelVersion version,
            Host host,
            Zygotes zygotes,
            Cgroups cgroups,
            IdSource ids,
            Attacher attacher,
            Supplier<String> hostnames,
            int stock,
            PlanSource plans) {
        this.means = new Means(
                kernel,
                version,
                host,
                cgroups,
                ids,
                zygotes.trees(),
                new ThrowAways(kernel, System.getenv()),
                new SeccompFilters(),
                plans,
                attacher,
                hostnames,
                cleaners,
                new AtomicLong(1));
        this.stock = new Stock<>(stock, spec -> park(spec).ahead());
        this.blanks = new Stock<>(stock, this::blank);
        this.zygotes = zygotes;
    }

    private synchronized void checkOpen() throws SandboxException {
        if (closed) {
            throw ClosedContext.refusal();
        }
    }

    private Parked park(SandboxSpec spec) throws IOException {
        underWay.readLock().lock();
        try {
            return NewContainer.park(means, zygotes.of(spec), spec);
        } finally {
            underWay.readLock().unlock();
        }
    }

    private Blank blank(SandboxSpec kind) throws IOException {
        underWay.readLock().lock();
        try {
            return NewContainer.blank(means, zygotes.of(kind), kind);
        } finally {
            underWay.readLock().unlock();
        }
    }

    /** From the stock as far as that goes; else all of it is made now. */
    private Parked stockedOrNew(SandboxSpec spec) throws IOException {
        if (Blank.isNeedless(spec)) {
            Parked ready = stock.take(spec);
            return ready == null ? park(spec) : ready;
        }
        // A plain user's has the host's mounts of the moment when it was made, and looks for its sources there.
        SandboxSpec kind = means.host().privileged() ? Blank.kind(spec) : null;
        Blank blank = kind == null ? null : blanks.take(kind);
        return blank == null ? park(spec) : blank.become(spec);
    }

    /** Parks a child for one launch of that very spec, which is recognized by its identity. */
    public void prepare(SandboxSpec spec) throws IOException {
        SetIdFiles.check(spec);
        checkOpen();
        prepared.add(spec, park(spec).ahead());
    }

    /**
     * Starts the command and answers when execve has been reached.
     *
     * @throws SandboxException if anything in between fails; nothing of the sandbox is left then
     */
    public LiveChild launch(LaunchRequest request) throws IOException {
        SetIdFiles.check(request.spec());
        underWay.readLock().lock();
        try {
            checkOpen();
            Parked asked = prepared.take(request.spec());
            if (asked != null) {
                return asked.take(request);
            }
            // A spec's hash is of all that it holds: not to be reckoned where nobody has a pool.
            WarmPool pool = pools.isEmpty() ? null : pools.get(request.spec());
            return pool == null ? stockedOrNew(request.spec()).take(request) : launch(request, pool);
        } finally {
            underWay.readLock().unlock();
        }
    }

    private static LiveChild launch(LaunchRequest request, WarmPool pool) throws IOException {
        try {
            return pool.take().take(request);
        } finally {
            pool.refillSoon();
        }
    }

    /**
     * Starts one more command in a container that runs, and answers when execve has been reached.
     *
     * @param inside one of the container's commands
     * @throws SandboxException if anything in between fails, which leaves the container as it was; or if it has ended
     */
    public LiveChild join(LiveChild inside, LaunchRequest request) throws IOException {
        checkContainer("exec", inside);
        underWay.readLock().lock();
        try {
            return Joining.park(means, zygotes.usual(), inside.host(), request.spec())
                    .take(request);
        } catch (SandboxException e) {
            throw Joining.whyNot(inside.host(), e);
        } finally {
            underWay.readLock().unlock();
        }
    }

    /**
     * Copies a file or a folder of the host's into a container that runs, as the user inside.
     *
     * @param inside one of the container's commands
     * @param to absolute
     */
    public void copyIn(LiveChild inside, Path host, Path to) throws IOException {
        checkContainer("copyIn", inside);
        Path place = inside(to);
        int seen = means.trees().sources().open(host.toAbsolutePath());
        underWay.readLock().lock();
        try {
            CopyIn.copy(means.kernel(), Joining.worker(means, zygotes.usual(), inside.host()), seen, place);
        } finally {
            underWay.readLock().unlock();
            means.kernel().close(seen);
        }
    }

    private static void checkContainer(String operation, LiveChild inside) throws SandboxException {
        if (inside.spec().isolation() != Isolation.CONTAINER) {
            throw new SandboxException(
                    operation,
                    "",
                    null,
                    "isolation landlock has no container that could be entered: its paths are the host's");
        }
    }

    /**
     * Puts files into a folder of a container that runs, as the user inside.
     *
     * @param inside one of the container's commands
     * @param folder absolute
     */
    public void putIn(LiveChild inside, Path folder, List<InputFile> files) throws IOException {
        checkContainer("put in", inside);
        underWay.readLock().lock();
        try {
            CopyIn.put(means.kernel(), Joining.worker(means, zygotes.usual(), inside.host()), folder, files);
        } finally {
            underWay.readLock().unlock();
        }
    }

    /**
     * Fetches what rules match in a folder of a container that runs. Where it has ended, all is named as left out.
     *
     * @param inside one of the container's commands
     * @param folder absolute, and of one file system that the user inside may write
     */
    public CollectedFiles collect(LiveChild inside, Path folder, List<CollectRule> rules) throws SandboxException {
        checkContainer("collect", inside);
        int root;
        try {
            root = Joining.openRoot(means.kernel(), inside.host());
        } catch (SandboxException e) {
            if (!inside.host().isCommandOver()) {
                throw e;
            }
            return Collect.nothing(rules, "its container has ended meanwhile, and what was in it is gone");
        }
        try {
            return Collect.beneath(means.kernel(), root, folder, rules);
        } finally {
            means.kernel().close(root);
        }
    }

    private static Path inside(Path path) {
        Path normal = path.normalize();
        if (!normal.isAbsolute() || normal.getNameCount() == 0) {
            throw new IllegalArgumentException("path inside '" + path + "' is not absolute, or is the root itself");
        }
        return normal;
    }

    /**
     * Copies a file or a folder out of a container that runs, and answers what was left out.
     *
     * @param inside one of the container's commands
     * @param from absolute
     * @param host is made
     */
    public List<CollectedFiles.LeftOut> copyOut(LiveChild inside, Path from, Path host, Size limit) throws IOException {
        checkContainer("copyOut", inside);
        Path place = inside(from);
        if (NO_FILES.contains(place.getName(0).toString())) {
            throw new IllegalArgumentException("copy out of " + from + ": what is there is the kernel's, and no file");
        }
        int root = Joining.openRoot(means.kernel(), inside.host());
        try {
            return CopyOut.copy(means.kernel(), root, place, host, limit);
        } finally {
            means.kernel().close(root);
        }
    }

    /**
     * The network of a container that runs, for others to join while it does.
     *
     * @throws SandboxException if it has ended, is in the host's network, or this JVM may not enter it
     */
    public Network shareNetwork(LiveChild inside) throws SandboxException {
        return Attaching.share(means, inside.host());
    }

    /**
     * Keeps children of this spec parked ahead; launches of an equal spec take them.
     *
     * @throws SandboxException if one can't be parked, or the spec has a pool already
     */
    public WarmPool pool(SandboxSpec spec, int minimum, int maximum, Duration idle) throws IOException {
        checkOpen();
        WarmPool pool = new WarmPool(spec, this::park, minimum, maximum, idle.toNanos(), () -> pools.remove(spec));
        if (pools.putIfAbsent(spec, pool) != null) {
            throw new SandboxException("pool", "", null, "this sandbox has one in this context: use that, or close it");
        }
        try {
            pool.open();
        } catch (IOException | RuntimeException e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    /**
     * Opens a file of the caller's for a standard stream of this sandbox; open(2). The caller closes it.
     *
     * @throws SandboxException also where the program of a sandbox may have planted what stands there: a link, a pipe
     */
    public int openFile(SandboxSpec spec, Path file, int flags, int mode) throws IOException {
        means.trees().sources().willBeWritten(spec);
        return means.trees().sources().openFile(file, flags, mode);
    }

    /** Work that no launch waits for, and whose failure is only logged: what dead JVMs left is swept this way. */
    public void background(Callable<?> work) {
        cleaners.usual().execute(() -> {
            try {
                work.call();
            } catch (Exception e) {
                Log.write(System.Logger.Level.WARNING, "in the background", e);
            }
        });
    }

    /** What would be done, for people to read; nothing is made. */
    public List<String> describe(LaunchRequest request) throws SandboxException {
        SandboxSpec spec = request.spec();
        Ids map = means.ids().take(spec);
        means.ids().giveBack(map);
        Launch launch = request.completes(Launch.before(
                        spec,
                        spec.hostname() != null
                                ? spec.hostname()
                                : means.hostnames().get(),
                        map.maps().gids(),
                        map.switches(),
                        CgroupView.NONE,
                        Attached.NONE)
                .withFilter(means.filter(spec)));
        launch = Fencing.behind(launch, Fencing.described(means, spec, map), 1);
        return Description.of(
                spec,
                map,
                means.plans().surroundings(means.host(), launch),
                means.plans().command(launch));
    }

    /** Ends every sandbox of this launcher and waits until nothing is left of them. */
    @Override
    public void close() throws SandboxException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        for (WarmPool pool : pools.values()) {
            pool.close();
        }
        stock.close();
        blanks.close();
        prepared.close();
        zygotes.close();
        // What is under way fails without its zygote, and takes and makes nothing any more once it has.
        underWay.writeLock().lock();
        try {
            cleaners.shutdown();
        } finally {
            underWay.writeLock().unlock();
        }
        if (cleaners.await(CLEANED_SECONDS)) {
            means.close();
            return;
        }
        // Ids and cgroups stay ours as long as anything is left that has them.
        new Daemon("hutch-closing").newThread(this::closeInTheEnd).start();
        if (!Thread.currentThread().isInterrupted()) {
            throw new SandboxException(
                    "close",
                    "",
                    null,
                    "sandboxes are still being removed after " + CLEANED_SECONDS + " s, and go on being");
        }
    }

    private void closeInTheEnd() {
        try {
            if (cleaners.await(Long.MAX_VALUE)) {
                means.close();
            }
        } catch (SandboxException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "of a context that was closed something is left", e);
        }
    }
}
