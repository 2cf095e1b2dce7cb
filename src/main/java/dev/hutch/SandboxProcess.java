// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.Deadlines;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.internal.stdio.PipeInput;
import dev.hutch.internal.stdio.PipeOutput;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Stdio;
import dev.hutch.spec.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that runs in a sandbox, as a {@link Process}: code that was written for one takes it. Its streams end when
 * the container ends, also where somebody still holds a pipe. {@link #close} ends the container. Thread-safe, as
 * {@link Process} is.
 *
 * @since 0.1
 */
public final class SandboxProcess extends Process implements AutoCloseable {
    private final LiveChild child;
    private final Deadlines deadlines;
    private final PipeOutput stdin;
    private final PipeInput stdout;
    private final PipeInput stderr;

    private final CompletableFuture<long[]> served;
    private final CompletableFuture<Void> ended;

    private SandboxProcess(LiveChild child, Deadlines deadlines, ProcessStreams streams) {
        this.child = child;
        this.deadlines = deadlines;
        this.stdin = streams.stdin();
        this.stdout = streams.stdout();
        this.stderr = streams.stderr();
        this.served = streams.served();
        this.ended = CompletableFuture.allOf(child.ended(), served);
    }

    static SandboxProcess start(Hutch hutch, SandboxSpec spec, Command command) throws IOException {
        if (command.stdin() instanceof Stdio.Source
                || command.stdoutLine().isPresent()
                || command.stderrLine().isPresent()) {
            throw new IllegalArgumentException(
                    "start gives streams: a Java stream as input, and listeners, go with run");
        }
        if (CallFiles.concern(command)) {
            throw new IllegalArgumentException("files are put in and collected by run: start has no end to do so at");
        }
        Kernel kernel = hutch.kernel();
        try (Pipes pipes = Pipes.open(kernel, command.stdin(), command.mergeError())) {
            Outputs outputs = Outputs.open(kernel, command);
            Started started;
            try {
                started = Started.launch(hutch, spec, command, pipes);
            } catch (IOException | RuntimeException e) {
                outputs.close();
                throw e;
            }
            try {
                ProcessStreams streams = ProcessStreams.of(started, command, pipes, outputs);
                SandboxProcess process = new SandboxProcess(started.child(), hutch.deadlines(), streams);
                process.letGoOfWhenForgotten(hutch.cleaner());
                return process;
            } catch (SandboxException | RuntimeException e) {
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
        return result().exitStatus();
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
            return result().exitStatus();
        } catch (InterruptedException e) {
            throw new IllegalThreadStateException("interrupted");
        }
    }

    /**
     * Waits for the end, and until output that was redirected is delivered: the whole account; output itself is the
     * streams' and not in it, only how much there was so far.
     *
     * @throws UncheckedIOException if the sandbox was lost with its zygote, or redirected output could not be delivered
     */
    public SandboxResult result() throws InterruptedException {
        try {
            long[] elsewhere = served.get();
            return Verdicts.await(
                    child,
                    new Captured(new byte[0], stdout.count() + elsewhere[0]),
                    new Captured(new byte[0], stderr.count() + elsewhere[1]));
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException("the output could not be delivered", e.getCause()));
        }
    }

    /** SIGTERM to the command. */
    @Override
    public void destroy() {
        signal(Signal.SIGTERM);
    }

    /** Ends the whole container. */
    @Override
    public Process destroyForcibly() {
        try {
            deadlines.end(child, LiveChild.Ending.DESTROYED);
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    /** Sends a signal to the command alone. */
    public void signal(Signal signal) {
        try {
            child.signal(signal.number());
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What the sandbox uses now, by its cgroup: a few small files are read, no process is disturbed. After the end, the
     * processor times and peaks that were counted last; what is in it now is empty then.
     *
     * @throws SandboxException if no cgroup holds the sandbox (a plain user's without a delegated one): nothing counts it
     */
    public Usage usage() throws SandboxException {
        return child.usage();
    }

    /**
     * Stops all processes of the sandbox by the cgroup freezer, and answers when they have stopped. They can't notice.
     * Deadlines go on; ending the sandbox works as ever; other signals take effect when it is resumed. Pausing twice is
     * pausing once. Waits up to five seconds and is not interrupted.
     *
     * @throws SandboxException if the sandbox has ended; if not all processes stop in time, who then go on; or if no cgroup
     *     holds the sandbox
     */
    public void pause() throws SandboxException {
        child.pause();
    }

    /**
     * Continues what {@link #pause} stopped; nothing happens to a sandbox that runs or has ended.
     *
     * @throws SandboxException if no cgroup holds the sandbox
     */
    public void resume() throws SandboxException {
        child.resume();
    }

    /** The limits in force: the sandbox's, or those of the last {@link #updateLimits}. */
    public Limits limits() {
        return child.limits();
    }

    /**
     * Sets other limits while it runs. They are the whole set: begin with {@code limits().toBuilder()} to keep the rest.
     * Only what differs is written, each is read back, and either all hold or those before do. Memory that is lowered below
     * what is in use is refused by version 1 (EBUSY), while version 2 ends processes where it can't reclaim enough.
     *
     * @throws SandboxException if one is refused, which it names; if the sandbox has ended; or if no cgroup holds it
     */
    public void updateLimits(Limits limits) throws SandboxException {
        child.update(limits);
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
        }
    }
}
