// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.cgroup.CgroupSweeper;
import dev.hutch.internal.cgroup.Cgroups;
import dev.hutch.internal.egress.Names;
import dev.hutch.internal.files.ThrowAways;
import dev.hutch.internal.host.HostNames;
import dev.hutch.internal.host.KernelVersion;
import dev.hutch.internal.host.Platform;
import dev.hutch.internal.host.Privilege;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.Admission;
import dev.hutch.internal.launch.Deadlines;
import dev.hutch.internal.launch.Launcher;
import dev.hutch.internal.launch.UserNamespaces;
import dev.hutch.internal.launch.Zygotes;
import dev.hutch.internal.net.Joinable;
import dev.hutch.internal.net.Networks;
import dev.hutch.internal.plan.Host;
import dev.hutch.spec.Budget;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Support;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A context: the process that sandboxes are cloned from, and where their cgroups are made. Most applications need none
 * of their own and use {@link #shared()} without naming it. Closing a context ends all its sandboxes. Where nobody did and
 * nobody can, for no sandbox, session or running program has it either, the garbage collector does, and a warning is
 * logged. Thread-safe.
 *
 * @since 0.1
 */
public final class Hutch implements AutoCloseable {
    private static final String STOCK_PROPERTY = "hutch.stock";
    private static final int DEFAULT_STOCK = 2;

    private final Kernel kernel;
    private final Launcher launcher;
    private final ThrowAways throwAways;
    private final Deadlines deadlines = new Deadlines();
    private final Events events;
    private final Admission admission;
    private final ContextEnd end;
    private final SandboxSpec defaults;
    private @Nullable Cleaner cleaner;

    private Hutch(Builder builder) throws IOException {
        Platform.ofThisJvm().check();
        kernel = JniKernel.load();
        defaults = builder.defaults;
        events = new Events(builder.listener);
        admission = new Admission(builder.budget);
        KernelVersion version = KernelVersion.running();
        boolean privileged = Privilege.ofThisProcess(kernel);
        Host host = Host.scan(privileged);
        boolean mapsIds = Privilege.mapsIds(kernel);
        Zygotes zygotes = Zygotes.starting(kernel, host);
        Cgroups cgroups;
        try {
            cgroups = Cgroups.open(
                    kernel, System.getenv(), Optional.ofNullable(builder.cgroupParent), builder.moveIntoLeaf);
        } catch (IOException | RuntimeException e) {
            try {
                zygotes.close();
            } catch (SandboxException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
        UserNamespaces ids = new UserNamespaces(kernel, System.getenv(), privileged, mapsIds);
        Networks networks = new Networks(kernel, System.getenv(), privileged);
        Joinable all = new Joinable(kernel, System.getenv(), privileged, networks);
        launcher = new Launcher(
                kernel,
                version,
                host,
                zygotes,
                cgroups,
                ids,
                new Names(kernel, all),
                HostNames.seeded()::next,
                builder.stock);
        CgroupSweeper sweeper = new CgroupSweeper(kernel, System.getenv());
        launcher.background(sweeper::sweep);
        throwAways = new ThrowAways(kernel, System.getenv());
        launcher.background(throwAways::sweep);
        launcher.background(networks::sweep);
        launcher.background(all::sweep);
        end = new ContextEnd(admission, deadlines, launcher, events);
    }

    /**
     * Whether Hutch can run on this machine, and if not, why: the operating system, kernel version and processor, asked
     * without native code. Answers everywhere and starts nothing; what else a machine may lack, {@link Doctor} tells.
     */
    public static Support support() {
        return Platform.ofThisJvm().support();
    }

    /** {@link #support()} in one word. */
    public static boolean isSupported() {
        return support().supported();
    }

    /**
     * The one context that is made at first use, with every default of {@link Builder}, and closed when the JVM shuts down.
     *
     * @throws SandboxException if this machine can't run Hutch; the next call tries again
     */
    public static Hutch shared() throws IOException {
        return Shared.instance();
    }

    /** A context of your own; close it. */
    public static Builder builder() {
        return new Builder();
    }

    /** A sandbox in this context, which begins with the {@linkplain Builder#defaults context's defaults}. */
    public Sandbox.Builder sandbox() {
        return Sandbox.of(defaults).context(this);
    }

    Kernel kernel() {
        return kernel;
    }

    Launcher launcher() {
        return launcher;
    }

    ThrowAways throwAways() {
        return throwAways;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    Events events() {
        return events;
    }

    Admission admission() {
        return admission;
    }

    /** Where memory is summed its limit is asked for: a sandbox that can't be held to it can't be reckoned with. */
    SandboxSpec underBudget(SandboxSpec spec) throws SandboxException {
        Limits limits = spec.limits();
        if (admission.sumsMemory() && spec.bestEffort()) {
            throw new SandboxException(
                    "budget",
                    "of memory",
                    null,
                    "with best effort the sandbox's limit need not hold, so there is nothing to add up: leave"
                            + " bestEffort out, or bound the number alone");
        }
        if (!admission.sumsMemory() || limits.asked().contains(Limit.MEMORY)) {
            return spec;
        }
        Limits asked = limits.toBuilder().memory(limits.memory()).build();
        return Sandbox.of(spec).limits(asked).build().spec();
    }

    /** For what nobody closed. */
    synchronized Cleaner cleaner() {
        if (cleaner == null) {
            cleaner = Cleaner.create();
        }
        return cleaner;
    }

    /** Ends all sandboxes of this context, waits until nothing is left of them, and ends its zygote. */
    @Override
    public void close() throws SandboxException {
        end.close();
    }

    /** Not thread-safe. */
    public static final class Builder {
        private @Nullable CgroupParent cgroupParent;
        private boolean moveIntoLeaf;
        private int stock;
        private @Nullable SandboxListener listener;
        private Budget budget = Budget.NONE;
        private SandboxSpec defaults = Sandbox.builder().build().spec();

        private Builder() {
            stock(Integer.getInteger(STOCK_PROPERTY, DEFAULT_STOCK));
        }

        /** Where sandboxes' cgroups are made; default {@code hutch} at the root of what this JVM sees. */
        public Builder cgroupParent(CgroupParent parent) {
            cgroupParent = parent;
            return this;
        }

        /**
         * Whether this JVM may be moved into a cgroup of its own below the one it runs in, without which cgroup v2
         * allows no limits for siblings there. Default false: the cgroup that Hutch runs in is never changed.
         */
        public Builder moveIntoLeaf(boolean allowed) {
            moveIntoLeaf = allowed;
            return this;
        }

        /**
         * How many sandboxes are prepared ahead, up to the point where their command is needed: 0 to 64, by default 2, or
         * what the system property {@code hutch.stock} says. Each serves once, only for exactly the sandbox that it was
         * prepared for, and holds about half a megabyte of the kernel's memory while it waits. They are made in the
         * background a moment after a second launch of the same sandbox, never during launches.
         *
         * <p>What a sandbox mounts of the caller's files is not opened ahead, since at the launch others may have their
         * names: {@link SandboxPool} does that where it is wanted. For such a sandbox without a network as many blanks are
         * kept, as root: containers that have their cgroup, namespaces and ids, and serve all that are alike in these.
         *
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder stock(int sandboxes) {
            if (sandboxes < 0 || sandboxes > 64) {
                throw new IllegalArgumentException("stock is " + sandboxes + ", must be 0 to 64");
            }
            stock = sandboxes;
            return this;
        }

        /**
         * What {@link Hutch#sandbox} begins with: walls and limits once for a whole application. Default: those of {@link
         * Sandbox#builder}.
         *
         * @param usual any; where it has a context, that plays no part
         * @throws IllegalArgumentException if it has a runner, and so no containers
         */
        public Builder defaults(Sandbox usual) {
            if (usual.runner() != null) {
                throw new IllegalArgumentException("defaults have the runner " + usual.runner() + ", must have none");
            }
            defaults = usual.spec();
            return this;
        }

        /** Who is told what becomes of this context's sandboxes; default nobody. */
        public Builder listener(SandboxListener told) {
            listener = told;
            return this;
        }

        /**
         * What all sandboxes of this context may take together, from their start until nothing is left of them; default
         * no bound. Containers that a pool or the stock made ahead are not counted while they wait for a command.
         *
         * <p>{@link Sandbox#run} and {@link Sandbox#start} wait in the order in which they came, or are refused with a
         * {@link SandboxException} whose operation is {@code budget}; an interrupt or a cancelled future ends the wait.
         * {@code run} answers when nothing is left of the sandbox then. {@link SandboxProcess#updateLimits} is refused
         * where more memory than is left is asked for. With a bound on memory a sandbox whose memory limit the machine
         * can't enforce is refused, and so is one of {@link Sandbox.Builder#bestEffort}.
         */
        public Builder budget(Budget all) {
            budget = all;
            return this;
        }

        /**
         * The context; its zygote starts in the background, and what that fails with the first launch tells.
         *
         * @throws SandboxException if this machine can't run Hutch, or the cgroup parent can't be used
         */
        public Hutch build() throws IOException {
            Hutch made = new Hutch(this);
            made.cleaner().register(made, made.end);
            return made;
        }
    }

    private static final class Shared {
        private static @Nullable Hutch hutch;

        static synchronized Hutch instance() throws IOException {
            if (hutch == null) {
                Hutch made = new Hutch(builder());
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        made.close();
                    } catch (SandboxException e) {
                        System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "while closing", e);
                    }
                }));
                hutch = made;
            }
            return hutch;
        }
    }
}
