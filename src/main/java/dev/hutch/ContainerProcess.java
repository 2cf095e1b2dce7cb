// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.internal.stdio.PipeInput;
import dev.hutch.internal.stdio.PipeOutput;
import dev.hutch.internal.stdio.Window;
import dev.hutch.spec.Captured;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.Command;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Network;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.Stdio;
import dev.hutch.spec.Usage;
import dev.hutch.spec.WindowSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A program in one of our containers. Thread-safe. */
final class ContainerProcess extends SandboxProcess {
    private final LiveChild child;
    private final Hutch hutch;
    private final PipeOutput stdin;
    private final PipeInput stdout;
    private final PipeInput stderr;
    private final @Nullable Window window;
    private final CompletableFuture<long[]> served;
    private final CompletableFuture<Void> ended;

    private ContainerProcess(Started started, ProcessStreams streams) {
        this.child = started.child();
        this.hutch = started.hutch();
        this.stdin = streams.stdin();
        this.stdout = streams.stdout();
        this.stderr = streams.stderr();
        this.window = streams.window();
        this.served = streams.served();
        this.ended = CompletableFuture.allOf(child.ended(), served);
    }

    @Override
    public List<PortMapping> ports() {
        return child.container().network().ports();
    }

    @Override
    public SandboxProcess exec(Command command) throws IOException {
        return start(Place.inside(hutch, child.spec(), child), command);
    }

    static SandboxProcess start(Place place, Command command) throws IOException {
        if (command.stdin() instanceof Stdio.Source
                || command.stdoutLine().isPresent()
                || command.stderrLine().isPresent()) {
            throw new IllegalArgumentException(
                    "start gives streams: a Java stream as input, and listeners, go with run");
        }
        if (CallFiles.concern(command)) {
            throw new IllegalArgumentException("files are put in and collected by run: start has no end to do so at");
        }
        try (Pipes pipes = Pipes.of(place.hutch(), place.spec(), command, command.stdin())) {
            Outputs outputs = Outputs.open(place.hutch(), place.spec(), command);
            Started started;
            try {
                started = place.start(command, pipes);
            } catch (IOException | RuntimeException e) {
                outputs.close();
                throw e;
            }
            try {
                ProcessStreams streams = ProcessStreams.of(started, command, pipes, outputs);
                ContainerProcess process = new ContainerProcess(started, streams);
                process.letGoOfWhenForgotten(started.hutch().cleaner());
                return process;
            } catch (RuntimeException e) {
                started.destroyAndWait();
                throw e;
            }
        }
    }

    /**
     * Who drops a process without closing it leaves no descriptors open: streams are closed once nobody can reach them,
     * but not before the sandbox has ended, since it may still write.
     */
    @SuppressWarnings("ReachabilityFenceUsage") // the callback that holds this object is the fence
    private void letGoOfWhenForgotten(Cleaner cleaner) {
        cleaner.register(stdin, stdin.release());
        cleaner.register(stdout, stdout.release());
        cleaner.register(stderr, stderr.release());
        if (window != null) {
            cleaner.register(this, window::close);
        }
        child.gone().thenRun(() -> Reference.reachabilityFence(this));
    }

    @Override
    public OutputStream getOutputStream() {
        return stdin;
    }

    @Override
    public InputStream getInputStream() {
        return stdout;
    }

    @Override
    public InputStream getErrorStream() {
        return stderr;
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return result().exitStatus();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            ended.get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    @Override
    public int exitValue() {
        if (!ended.isDone()) {
            throw new IllegalThreadStateException("the sandbox has not ended");
        }
        try {
            return waitFor();
        } catch (InterruptedException e) {
            throw new IllegalThreadStateException("interrupted");
        }
    }

    @Override
    public SandboxResult result() throws IOException, InterruptedException {
        try {
            long[] elsewhere = served.get();
            return Verdicts.await(
                    child,
                    new Captured(new byte[0], stdout.count() + elsewhere[0]),
                    new Captured(new byte[0], stderr.count() + elsewhere[1]));
        } catch (ExecutionException e) {
            throw new IOException("the output could not be delivered", e.getCause());
        }
    }

    /** SIGTERM to the command. */
    @Override
    public void destroy() {
        signal(Signal.SIGTERM);
    }

    /** Ends the whole container; of one that joined, the command alone. */
    @Override
    public Process destroyForcibly() {
        try {
            hutch.deadlines().end(child, LiveChild.Ending.DESTROYED);
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public void signal(Signal signal) {
        try {
            child.signal(signal.number());
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Usage usage() throws SandboxException {
        return child.usage();
    }

    @Override
    public Network network() throws SandboxException {
        return hutch.launcher().shareNetwork(child);
    }

    @Override
    public void pause() throws SandboxException {
        child.container().pause();
    }

    @Override
    public void resume() throws SandboxException {
        child.container().resume();
    }

    @Override
    public void egress(Egress list) throws SandboxException {
        child.container().network().egress(list);
    }

    @Override
    public List<Refusal> refused() throws SandboxException {
        return child.container().network().refused();
    }

    @Override
    public Limits limits() {
        return child.container().limits();
    }

    @Override
    public void updateLimits(Limits limits) throws SandboxException {
        child.container().update(limits);
    }

    @Override
    public void copyIn(Path host, Path inside) throws IOException {
        hutch.launcher().copyIn(child, host, inside);
    }

    @Override
    public List<CollectedFiles.LeftOut> copyOut(Path inside, Path host, Size limit) throws IOException {
        return hutch.launcher().copyOut(child, inside, host, limit);
    }

    @Override
    public void resize(int columns, int rows) throws SandboxException {
        if (window == null) {
            throw new IllegalStateException("the process has no terminal: ask for one by Command.Builder.terminal");
        }
        window.resize(new WindowSize(columns, rows));
    }

    @Override
    public boolean isAlive() {
        return !ended.isDone();
    }

    /** The command's pid, as this JVM sees it. */
    @Override
    public long pid() {
        return child.pid();
    }

    /** Of the command; once that has ended, a handle that says so. */
    @Override
    public ProcessHandle toHandle() {
        return isAlive() ? ProcessHandle.of(pid()).orElseGet(() -> new EndedHandle(pid())) : new EndedHandle(pid());
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return ended.handleAsync((nothing, failure) -> this);
    }

    /** Ends the container, waits until nothing is left of it and redirected output is delivered, and closes the streams. */
    @Override
    public void close() {
        try {
            destroyForcibly();
            Verdicts.awaitGone(child);
            served.handle((bytes, failure) -> bytes).join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            stdin.close();
            stdout.close();
            stderr.close();
            if (window != null) {
                window.close();
            }
        }
    }
}
