// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.Command;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A container without a main program, in which many programs run, one after another or at once. What they leave in the home,
 * in /tmp and in other file systems of the container's stays from call to call; with {@link #close} all of it is gone.
 *
 * <pre>{@code
 * try (SandboxSession session = box.session()) {
 *     session.run("git", "init", "work").orThrow();
 *     session.run("sh", "-c", "cd work && make").orThrow();
 * }
 * }</pre>
 *
 * <p>The container is made at the first call, and ended by {@link #close}, or when no call has been under way for the idle
 * time. The sandbox's wall time, processor time and output limit hold for each call; its memory and tasks for the container
 * with all that is in it, of which Hutch's own take two tasks, and one more for each call under way. A call ends with its
 * own program: what that left in the background lives on, until {@link #endOthers} or the end of the session. Processor
 * time is that of the whole container while the call ran, for the limit too, and peaks are since the session began.
 *
 * <p>A session does not come back: after its end, for whatever reason, each call fails and says why. Thread-safe.
 *
 * @since 0.1
 */
public final class SandboxSession implements AutoCloseable {
    private final Sandbox sandbox;
    private final @Nullable SandboxRunner runner;
    private final SessionContainer container;

    private SandboxSession(Sandbox sandbox, Duration idle) {
        this.sandbox = sandbox;
        this.runner = sandbox.runner();
        this.container = new SessionContainer(sandbox, idle);
    }

    /** For a session with the walls and limits of this sandbox, in its context. */
    public static Builder builder(Sandbox sandbox) {
        return new Builder(sandbox);
    }

    /** As {@link #run(Command)}, of a program and its arguments. */
    public SandboxResult run(String... arguments) throws IOException, InterruptedException {
        return run(Command.of(arguments));
    }

    /**
     * Runs a program to its end, as {@link Sandbox#run(Command)} does. What is still written by what it left in the
     * background is not waited for.
     *
     * <p>Files are put into the home, or the workspace in its place, as {@link #copyIn} does, and stay for the calls to
     * come. What is collected is read when the call's own program has ended: others may write to it still, and where the
     * container ended with the call, all of it is in {@link CollectedFiles#leftOut}.
     *
     * @throws SandboxException if it could not be started, or a file not be put in; or the session has ended
     * @throws IllegalArgumentException if the command has files, in a root file system of its own without a workspace
     * @throws InterruptedException if the thread is interrupted; the program is ended first, the session is not
     */
    public SandboxResult run(Command command) throws IOException, InterruptedException {
        if (runner != null) {
            container.checkOpen();
            return runner.run(sandbox.spec(), command);
        }
        try (SessionContainer.Call call = container.call()) {
            try {
                return Running.run(call.place(), command);
            } catch (SandboxException e) {
                throw call.why(e);
            }
        }
    }

    /** As {@link #runAsync(Command)}, of a program and its arguments. */
    public CompletableFuture<SandboxResult> runAsync(String... arguments) {
        return runAsync(Command.of(arguments));
    }

    /** As {@link #run(Command)}, in a thread of its own. Whatever ends the future before the program does, ends that. */
    public CompletableFuture<SandboxResult> runAsync(Command command) {
        return AsyncRun.start(() -> run(command));
    }

    /** As {@link #start(Command)}, of a program and its arguments. */
    public SandboxProcess start(String... arguments) throws IOException {
        return start(Command.of(arguments));
    }

    /**
     * Starts a program, as {@link SandboxProcess#exec} does. The session is not idle until it has ended.
     *
     * @throws SandboxException if it could not be started, or the session has ended
     */
    public SandboxProcess start(Command command) throws IOException {
        if (runner != null) {
            container.checkOpen();
            return runner.start(sandbox.spec(), command);
        }
        SessionContainer.Call call = container.call();
        try {
            SandboxProcess process = ContainerProcess.start(call.place(), command);
            process.onExit().thenRun(call::close);
            return process;
        } catch (SandboxException e) {
            SandboxException why = call.why(e);
            call.close();
            throw why;
        } catch (IOException | RuntimeException e) {
            call.close();
            throw e;
        }
    }

    /**
     * Kills every process in the container, those of calls under way too; files stay. From outside, so that no fork bomb
     * is in its way; where no cgroup holds the sandbox it takes a free task inside, and processes of other ids than the
     * user inside, which take capabilities to make, are left.
     *
     * @throws SandboxException if the session has ended, or shares the host's pid namespace: there it would not be known
     *     whom this meets
     */
    public void endOthers() throws IOException, InterruptedException {
        if (runner == null) {
            try (SessionContainer.Call call = container.call()) {
                call.endOthers();
            }
        }
    }

    /** As {@link SandboxProcess#copyIn}. */
    public void copyIn(Path host, Path inside) throws IOException {
        checkContainers("copyIn");
        try (SessionContainer.Call call = container.call()) {
            call.copyIn(host, inside);
        }
    }

    /** As {@link SandboxProcess#copyOut}. */
    public List<CollectedFiles.LeftOut> copyOut(Path inside, Path host, Size limit) throws IOException {
        checkContainers("copyOut");
        try (SessionContainer.Call call = container.call()) {
            return call.copyOut(inside, host, limit);
        }
    }

    private void checkContainers(String operation) {
        if (runner != null) {
            throw new UnsupportedOperationException(operation + " of a session of " + runner);
        }
    }

    /**
     * What the container uses now.
     *
     * @throws SandboxException if the session has ended, or no cgroup holds it
     * @throws UnsupportedOperationException where a runner is in place of containers
     */
    public Usage usage() throws IOException {
        checkContainers("usage");
        try (SessionContainer.Call call = container.call()) {
            return call.usage();
        }
    }

    /**
     * As {@link SandboxProcess#egress}: another list, for calls that are under way too.
     *
     * @throws SandboxException if the sandbox has no list, or the session has ended
     * @throws UnsupportedOperationException where a runner is in place of containers
     */
    public void egress(Egress list) throws IOException {
        checkContainers("egress");
        try (SessionContainer.Call call = container.call()) {
            call.egress(list);
        }
    }

    /**
     * As {@link SandboxProcess#refused}: what all calls so far wanted to reach and is not on the list.
     *
     * @throws SandboxException if the session has ended
     * @throws UnsupportedOperationException where a runner is in place of containers
     */
    public List<Refusal> refused() throws IOException {
        checkContainers("refused");
        try (SessionContainer.Call call = container.call()) {
            return call.refused();
        }
    }

    /** Ends all that runs in it, and waits until nothing is left of it. */
    @Override
    public void close() throws SandboxException {
        container.close();
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final Sandbox sandbox;
        private Duration idle = Duration.ofMinutes(10);

        private Builder(Sandbox sandbox) {
            this.sandbox = sandbox;
        }

        /** After how long without a call the session ends; default ten minutes, at least 1 ms. */
        public Builder idle(Duration time) {
            if (time.compareTo(Duration.ofMillis(1)) < 0) {
                throw new IllegalArgumentException("idle must be at least 1 ms: " + time);
            }
            idle = time;
            return this;
        }

        /**
         * The session; its container is made at the first call.
         *
         * @throws IllegalArgumentException if the sandbox was built with {@code init(false)}: PID 1 is Hutch's here
         * @throws UnsupportedOperationException where the sandbox's runner has no sessions
         */
        public SandboxSession build() {
            SandboxRunner runner = sandbox.runner();
            if (runner != null && !runner.hasSessions()) {
                throw new UnsupportedOperationException("sessions of " + runner);
            }
            if (sandbox.spec().isolation() != Isolation.CONTAINER) {
                throw new IllegalArgumentException(
                        "isolation landlock has no container that stays: run or start each program");
            }
            if (!sandbox.spec().init()) {
                throw new IllegalArgumentException("no command is PID 1 of a session: leave init(false) out");
            }
            return new SandboxSession(sandbox, idle);
        }
    }
}
