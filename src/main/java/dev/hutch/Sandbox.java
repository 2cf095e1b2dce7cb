// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.jvm.JavaLine;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Command;
import dev.hutch.spec.Device;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.Lifetime;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walls and limits for programs that are not trusted. It holds no command: the same sandbox runs any number of them, one
 * after another or at once, each in a fresh container of its own.
 *
 * <pre>{@code
 * Sandbox box = Sandbox.builder().memory(Size.mebibytes(256)).wallTime(Duration.ofSeconds(10)).build();
 * SandboxResult result = box.run("python3", "-c", "print(6 * 7)");
 * }</pre>
 *
 * <p>Immutable and thread-safe. Runs in virtual threads as in others: while the program runs such a thread is parked.
 *
 * @since 0.1
 */
public final class Sandbox {
    private final SandboxSpec spec;
    private final @Nullable Hutch context;
    private final @Nullable SandboxRunner runner;

    private Sandbox(SandboxSpec spec, @Nullable Hutch context, @Nullable SandboxRunner runner) {
        this.spec = spec;
        this.context = context;
        this.runner = runner;
    }

    /** The defaults: everything closed, 1 GiB of memory, 64 tasks. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The defaults with room for the threads of a JVM, {@link Limits#forJava}. {@link Command#java} tells the JVM inside
     * how much memory and how many processors fit.
     */
    public static Builder forJava() {
        return new Builder().limits(Limits.forJava());
    }

    /** The same walls, limits and context, to be changed; this sandbox stays. */
    public Builder toBuilder() {
        return new Builder(spec, context, runner);
    }

    static Builder of(SandboxSpec spec) {
        return new Builder(spec, null, null);
    }

    /** All that was set, and the defaults of the rest. */
    public SandboxSpec spec() {
        return spec;
    }

    /**
     * Writes the spec as JSON for {@link Builder#spec(Path)} and {@code hutch run --spec}, in place of what the file holds.
     * Limits that were not asked for are left out: they are the reading machine's defaults.
     */
    public void writeSpec(Path file) throws IOException {
        Files.writeString(file, SpecWriter.json(spec));
    }

    /**
     * Runs a program to its end and answers with the whole account. Standard input is the null device.
     *
     * @throws SandboxException if it could not be started
     * @throws InterruptedException if the thread is interrupted; the container is ended and removed first
     */
    public SandboxResult run(String... arguments) throws IOException, InterruptedException {
        return run(Command.of(arguments));
    }

    /** As {@link #run(String...)}, with all that a command can say. */
    public SandboxResult run(Command command) throws IOException, InterruptedException {
        if (runner != null) {
            return runner.run(spec, command);
        }
        try (Place place = Place.ofItsOwn(context(), spec)) {
            return Running.run(place, command);
        }
    }

    /**
     * Makes one container ahead, up to where a command is needed, for the next launch by this object: one that will come,
     * but not yet. Until then, or the context's end, it holds about half a megabyte of the kernel's memory; what it mounts is
     * opened now. Each call makes one more. It serves {@link #run} and {@link #start}, but not a session, nor a command that
     * mounts something of its own: files that are put in without a workspace, a Java program whose class path isn't mounted.
     * For a steady supply there is {@link SandboxPool}.
     *
     * @throws SandboxException if it can't be made
     * @throws IllegalStateException if the context's {@link Hutch.Builder#budget} sums memory and this sandbox asks for no
     *     limit of its own
     */
    public void prepare() throws IOException {
        if (runner != null) {
            return;
        }
        Hutch hutch = context();
        if (hutch.admission().sumsMemory() && !spec.limits().asked().contains(Limit.MEMORY)) {
            throw new IllegalStateException("a sandbox that is prepared under a budget of memory asks for its limit:"
                    + " Sandbox.Builder.memory, or take a SandboxPool");
        }
        hutch.launcher().prepare(spec);
    }

    /** As {@link #runAsync(Command)}, of a program and its arguments. */
    public CompletableFuture<SandboxResult> runAsync(String... arguments) {
        return runAsync(Command.of(arguments));
    }

    /**
     * As {@link #run(Command)}, in a thread of its own. Whatever ends the future before the program does, cancel or a
     * time-out of the future's, ends the container, which is gone a moment later. What {@code run} would throw, the
     * future fails with.
     */
    public CompletableFuture<SandboxResult> runAsync(Command command) {
        return AsyncRun.start(() -> run(command));
    }

    /**
     * Starts a program; its standard streams are pipes, as {@link ProcessBuilder}'s are.
     *
     * @throws SandboxException if it could not be started
     * @throws java.io.InterruptedIOException if the thread is interrupted, and stays so, while it waits for room in the
     *     context's {@link Hutch.Builder#budget}
     */
    public SandboxProcess start(String... arguments) throws IOException {
        return start(Command.of(arguments));
    }

    /**
     * As {@link #start(String...)}, with all that a command can say. Standard streams may go elsewhere, as with {@link
     * ProcessBuilder.Redirect}: output passes through Hutch all the same, where it is counted against the output limit and
     * a daemon thread delivers it; a process has not ended before it is delivered.
     */
    public SandboxProcess start(Command command) throws IOException {
        if (runner != null) {
            return runner.start(spec, command);
        }
        try (Place place = Place.toStart(context(), spec)) {
            return ContainerProcess.start(place, command);
        }
    }

    /**
     * A session: a container that stays, for many programs one after another or at once, which find what earlier ones
     * left. {@link SandboxSession#builder} makes one with another idle time.
     *
     * @throws IllegalArgumentException if this sandbox was built with {@code init(false)}
     * @throws UnsupportedOperationException where the runner has no sessions
     */
    public SandboxSession session() {
        return SandboxSession.builder(this).build();
    }

    /**
     * Starts what a {@link ProcessBuilder} describes, so that {@code builder.start()} becomes {@code
     * sandbox.start(builder)}. The program is looked for inside. Redirects are files of the host's, as ever; streams that
     * are inherited are this process's.
     *
     * <p>The environment is the sandbox's own with what the builder's has beyond this process's: variables that were set
     * or changed cross, those only handed down don't. The directory is one <em>inside</em>, so mount it there ({@link
     * Builder#bind}, {@link Builder#workspace}); without one the command starts in the home or workspace.
     *
     * @throws SandboxException if it could not be started; "chdir" where the directory does not exist inside
     * @throws IllegalArgumentException if the command is empty, or an argument or variable has a NUL character
     */
    public SandboxProcess start(ProcessBuilder builder) throws IOException {
        return start(ProcessBuilderCommand.of(builder, System.getenv()));
    }

    /**
     * What a run would do, step by step, for people to read; nothing is made and nothing is started.
     *
     * @throws SandboxException if it is clear already that it would be refused
     */
    public List<String> plan(Command command) throws IOException {
        return Started.describe(context(), spec, command);
    }

    /** For a container that only holds a session: time and output are each call's own. */
    SandboxSpec holdingSpec() {
        Builder holding = of(spec);
        holding.draft.wallTime = null;
        holding.draft.cpuTime = null;
        holding.draft.outputLimit = null;
        holding.draft.init = false;
        return holding.build().spec();
    }

    @Nullable
    SandboxRunner runner() {
        return runner;
    }

    Hutch context() throws IOException {
        if (runner != null) {
            throw new UnsupportedOperationException("no containers here: " + runner + " runs this sandbox's commands");
        }
        return context == null ? Hutch.shared() : context;
    }

    /** Each setter checks its own value, so the line that is wrong fails. Not thread-safe. */
    public static final class Builder {
        private SpecDraft draft;
        private @Nullable Hutch context;
        private @Nullable SandboxRunner runner;

        private Builder() {
            draft = new SpecDraft();
        }

        private Builder(SandboxSpec spec, @Nullable Hutch context, @Nullable SandboxRunner runner) {
            this.context = context;
            this.runner = runner;
            draft = new SpecDraft(spec);
        }

        /** Replaces all that was set, but for the context and the runner. */
        public Builder spec(SandboxSpec all) {
            draft = new SpecDraft(all);
            return this;
        }

        /**
         * Replaces all that was set, but for the context and the runner, by what a JSON file says, as {@link
         * Sandbox#writeSpec} and {@code hutch run --spec} have it; what it doesn't name is as by default.
         *
         * @throws SandboxException if it can't be read, has a key that is unknown, or a value of another type or out of
         *     range; the message names the file, the key, the value and what is allowed
         */
        public Builder spec(Path file) throws IOException {
            Builder read = new Builder();
            SpecReader.read(file.toString(), Files.readString(file), read);
            return spec(read.build().spec());
        }

        /** The context whose zygote and cgroup parent serve; default {@link Hutch#shared()}. */
        public Builder context(Hutch hutch) {
            context = hutch;
            return this;
        }

        /**
         * What carries out the runs in place of Hutch's containers; no context is used then, nor any native code. For tests
         * of code that takes a sandbox: {@code dev.hutch.testing.FakeSandbox}, or a mock.
         */
        public Builder runner(SandboxRunner instead) {
            runner = instead;
            return this;
        }

        /**
         * Runs commands as bare programs of this machine by {@link ProcessBuilder}, without any wall: for work on
         * machines where containers can't be made ({@link Hutch#isSupported}), with programs that are trusted. Of the
         * limits only the wall time is kept, and the result says of all that it is not enforced. The program sees the
         * machine as it is, this process's environment below its own, and starts in its directory, else in the
         * workspace.
         */
        public Builder unsafeLocal() {
            return runner(new LocalRunner());
        }

        /** A folder that holds a root file system; changes to it stay. Default: a read-only view of the host. */
        public Builder rootfs(Path folder) {
            return rootfs(new Rootfs.Directory(folder, false, false));
        }

        /** As {@link #rootfs(Path)}, with all that can be said: read-only, changes that are thrown away, a view of the host. */
        public Builder rootfs(Rootfs root) {
            draft.rootfs = root;
            return this;
        }

        /** Mounts, in the order in which they are given. */
        public Builder mount(Mount mount) {
            draft.mounts.add(mount);
            return this;
        }

        /**
         * Mounts what {@link Command#java} needs for this program, its JDK and its class and module path, in every container:
         * a {@link SandboxPool} then has them ready, and a {@link SandboxSession} or {@link SandboxProcess#exec} can run
         * it. It serves programs with the same JDK and paths, whatever their class, options and arguments are. Set the
         * root file system before: where the JDK stands depends on it.
         *
         * @throws SandboxException if the JDK, the jar or all of a path does not exist
         */
        public Builder mountJava(JavaProgram program) throws SandboxException {
            SandboxSpec soFar = draft.spec();
            JavaLine.inside(program, soFar).missingFrom(soFar).forEach(this::mount);
            return this;
        }

        /** A file or folder of the host's that can be read inside. */
        public Builder bindReadOnly(Path source, Path destination) {
            return mount(new Mount.Bind(source, destination, true));
        }

        /** A file or folder of the host's that can be changed inside, with the owners it has on the host. */
        public Builder bind(Path source, Path destination) {
            return mount(new Mount.Bind(source, destination, false));
        }

        /** An empty file system in memory, up to the memory limit. */
        public Builder tmpfs(Path destination) {
            return tmpfs(destination, Size.bytes(0));
        }

        /** An empty file system in memory, up to a size, and to the memory limit in any case. */
        public Builder tmpfs(Path destination, Size size) {
            return mount(new Mount.Tmpfs(destination, size, 01777));
        }

        /**
         * Adds a variable to the environment of every command, over the default HOME, USER, PATH and LANG; one of the
         * command's own goes before. A name is not empty and has no {@code =}.
         */
        public Builder environment(String name, String value) {
            draft.environment(name, value);
            return this;
        }

        /**
         * A folder of the host's that is the home inside, where commands start; it appears as owned by the user inside.
         * What is written there is bounded by no limit but the disk's.
         */
        public Builder workspace(Path folder) {
            draft.workspace(folder);
            return this;
        }

        /** The ids inside; default 1000:1000, which are an unused, unprivileged range's on the host. */
        public Builder user(User inside) {
            draft.user = inside;
            return this;
        }

        /** Own uid maps, in place of a range of the sandbox's own. The host's root is never mapped. */
        public Builder uidMappings(List<IdMapping> map) {
            draft.uidMappings = List.copyOf(map);
            return this;
        }

        /** Own gid maps, in place of a range of the sandbox's own. */
        public Builder gidMappings(List<IdMapping> map) {
            draft.gidMappings = List.copyOf(map);
            return this;
        }

        /** Uses the host's namespace of that kind; new ones are made of all kinds by default. */
        public Builder hostNamespace(Namespace kind) {
            draft.hostNamespace(kind);
            return this;
        }

        /** The host name inside, a DNS label or name of up to 64 characters; default random. */
        public Builder hostname(String inside) {
            draft.hostname(inside);
            return this;
        }

        /** Replaces all limits of the cgroup, asked for or not. */
        public Builder limits(Limits all) {
            draft.limits = all.toBuilder();
            return this;
        }

        /** Default 1 GiB; 1 MiB or more. */
        public Builder memory(Size limit) {
            draft.limits.memory(limit);
            return this;
        }

        /** Processors' worth of time, such as 1.5; default no bound. */
        public Builder cpus(double processors) {
            draft.limits.cpus(processors);
            return this;
        }

        /** Default 64, and 4 more for each processor over 8; 1 to 4,194,304. */
        public Builder pids(int tasks) {
            draft.limits.pids(tasks);
            return this;
        }

        /** One limit of the process kind, over the defaults and over one of that resource before. */
        public Builder rlimit(Rlimit limit) {
            draft.rlimits.add(limit);
            return this;
        }

        /** Capabilities inside the sandbox's user namespace; none by default. */
        public Builder capabilities(Set<Capability> granted) {
            draft.capabilities.clear();
            draft.capabilities.addAll(granted);
            return this;
        }

        /** What the default seccomp profile forbids and a kind of tool needs. */
        public Builder allow(Allow what) {
            draft.allow.add(what);
            return this;
        }

        /** The profile of the system call filter; default {@link SeccompProfile.Default}. */
        public Builder seccomp(SeccompProfile profile) {
            draft.seccomp = profile;
            return this;
        }

        /** One more device of the host's. */
        public Builder device(Device node) {
            draft.devices.add(node);
            return this;
        }

        /** What can be reached; default {@link Network#NONE}. */
        public Builder network(Network reach) {
            draft.network(reach);
            return this;
        }

        /** How far the clocks inside are ahead of the host's; default not at all. */
        public Builder timeOffsets(TimeOffsets offsets) {
            draft.timeOffsets = offsets;
            return this;
        }

        /** From execve on; then the whole container is killed, {@link #softStop} permitting. Default: no limit. */
        public Builder wallTime(Duration limit) {
            draft.wallTime = SpecDraft.positive("wallTime", limit);
            return this;
        }

        /** Of all processes inside together; then the whole container is killed, {@link #softStop} permitting. Default: no limit. */
        public Builder cpuTime(Duration limit) {
            draft.cpuTime = SpecDraft.positive("cpuTime", limit);
            return this;
        }

        /** A signal and some grace for the command before it is killed at the end of its time. Default: killed at once. */
        public Builder softStop(SoftStop before) {
            draft.softStop = Objects.requireNonNull(before, "softStop");
            return this;
        }

        /** Of standard output and error together; one byte more ends the container. Default: no limit. */
        public Builder outputLimit(Size limit) {
            draft.outputLimit = limit;
            return this;
        }

        /**
         * What the walls are made of; default {@link Isolation#CONTAINER}. Never chosen for you: where containers are refused,
         * the start fails, and says so.
         */
        public Builder isolation(Isolation walls) {
            draft.isolation = Objects.requireNonNull(walls, "isolation");
            return this;
        }

        /** Whether Hutch's init is PID 1 and reaps (the default), or the command itself is. */
        public Builder init(boolean ours) {
            draft.init = ours;
            return this;
        }

        /**
         * Whether limits that were asked for and that this machine can't enforce are left out, and listed in the result
         * as not enforced, as defaults are; default false: they fail the start. For work as a plain user without a
         * delegated cgroup. Walls, unlike limits, are never left out.
         */
        public Builder bestEffort(boolean on) {
            draft.bestEffort = on;
            return this;
        }

        /** Whether a default that this machine can't enforce fails the start too. */
        public Builder strict(boolean on) {
            draft.strict = on;
            return this;
        }

        /** Who the sandbox ends with; default {@link Lifetime#ATTACHED}. */
        public Builder lifetime(Lifetime with) {
            draft.lifetime = with;
            return this;
        }

        /** Where its cgroup is made; default the context's. */
        public Builder cgroupParent(CgroupParent parent) {
            draft.cgroupParent = parent;
            return this;
        }

        /** A label for messages and listings. */
        public Builder name(String label) {
            draft.name = label;
            return this;
        }

        /**
         * The sandbox, once its parts are found to go together.
         *
         * @throws IllegalArgumentException if parts contradict one another; the message names them
         */
        public Sandbox build() {
            SandboxSpec spec = draft.spec();
            Contradictions.check(spec);
            return new Sandbox(spec, context, runner);
        }
    }
}
