// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Account;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SetupTime;
import dev.hutch.spec.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A bare program of this machine, with nothing around it but a wall time. */
final class LocalProcess extends SandboxProcess {
    private static final List<Enforced> NOTHING =
            List.of(Enforced.no("sandbox", "", "unsafeLocal: the program ran without any wall or limit"));

    private final Process process;
    private final long startedAt = System.nanoTime();
    private final CompletableFuture<Duration> wall;
    private volatile boolean timedOut;

    /** @param grace between a SIGTERM at the end of its time and the kill; zero for none */
    LocalProcess(Process process, @Nullable Duration wallTime, Duration grace) {
        this.process = process;
        this.wall = process.onExit().thenApply(ended -> Duration.ofNanos(System.nanoTime() - startedAt));
        if (wallTime != null) {
            process.onExit()
                    .completeOnTimeout(process, wallTime.toNanos(), TimeUnit.NANOSECONDS)
                    .thenRunAsync(() -> timeOut(grace));
        }
    }

    /** What it started is looked up while it lives: afterwards nobody knows whose they were. */
    private void timeOut(Duration grace) {
        if (!process.isAlive()) {
            return;
        }
        timedOut = true;
        if (grace.isZero()) {
            destroyForcibly();
            return;
        }
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        process.toHandle().destroy();
        process.onExit()
                .completeOnTimeout(process, grace.toNanos(), TimeUnit.NANOSECONDS)
                .thenRunAsync(() -> {
                    destroyForcibly();
                    all.forEach(ProcessHandle::destroyForcibly);
                });
    }

    /** Of a signal the JDK tells only the number, in the exit code. */
    @Override
    public SandboxResult result() throws InterruptedException {
        return result(Captured.EMPTY, Captured.EMPTY);
    }

    SandboxResult result(Captured out, Captured err) throws InterruptedException {
        int code = process.waitFor();
        Outcome outcome = timedOut ? new Outcome.Timeout() : new Outcome.Exited(code);
        Account account = Account.uncounted(wall.join());
        return new SandboxResult(outcome, account, SetupTime.NONE, out, err, NOTHING);
    }

    @Override
    public void signal(Signal signal) {
        if (signal.equals(Signal.SIGKILL)) {
            process.destroyForcibly();
        } else if (signal.equals(Signal.SIGTERM)) {
            process.destroy();
        } else {
            throw new UnsupportedOperationException("unsafeLocal sends SIGTERM and SIGKILL, not " + signal);
        }
    }

    /** With all that it started and that is still its descendant. By the handle: the JDK's own way throws its output away. */
    @Override
    public Process destroyForcibly() {
        List<ProcessHandle> all = process.isAlive() ? process.descendants().toList() : List.of();
        process.toHandle().destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        return this;
    }

    @Override
    public void close() {
        destroyForcibly();
        wall.join();
        try (OutputStream in = process.getOutputStream();
                InputStream out = process.getInputStream();
                InputStream err = process.getErrorStream()) {
            assert in != null && out != null && err != null;
        } catch (IOException e) {
            // Bytes that were written and not flushed are nobody's any more.
            System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "while closing streams", e);
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return process.getOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return process.getInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return process.getErrorStream();
    }

    @Override
    public int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        return process.waitFor(timeout, unit);
    }

    @Override
    public int exitValue() {
        return process.exitValue();
    }

    @Override
    public void destroy() {
        process.destroy();
    }

    @Override
    public boolean supportsNormalTermination() {
        return process.supportsNormalTermination();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public ProcessHandle toHandle() {
        return process.toHandle();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return process.onExit().thenApply(ended -> this);
    }
}
