// SPDX-License-Identifier: Apache-2.0
package dev.hutch.testing;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Stdio;
import dev.hutch.spec.WindowSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A process that is a lambda's result, now or later. */
final class FakeProcess extends SandboxProcess {
    /** Above what any kernel gives a process: nobody's. */
    private static final AtomicLong PIDS = new AtomicLong(1L << 32);

    private final long pid = PIDS.incrementAndGet();
    private final CompletableFuture<SandboxResult> end = new CompletableFuture<>();
    private final OutputStream stdin;
    private final InputStream stdout;
    private final InputStream stderr;
    private @Nullable WindowSize window;

    FakeProcess(Command command, FakeSandbox.Program program, boolean reads) {
        boolean piped = command.stdin() instanceof Stdio.Pipe && command.input().length == 0;
        stdin = new Input(bytes -> {
            if (reads) {
                answer(program, command.toBuilder().input(bytes).build());
            }
        });
        window = command.terminal().orElse(null);
        boolean merged = command.mergeError() || window != null;
        stdout = new Output(
                command.stdout() instanceof Stdio.Pipe,
                result -> merged ? joined(result) : result.stdout().bytes());
        stderr = new Output(
                command.stderr() instanceof Stdio.Pipe && !merged,
                result -> result.stderr().bytes());
        if (reads && !piped) {
            answer(program, command);
        }
    }

    private void answer(FakeSandbox.Program program, Command command) {
        try {
            end(program.answer(command));
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    private static byte[] joined(SandboxResult result) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(result.stdout().bytes());
        both.writeBytes(result.stderr().bytes());
        return both.toByteArray();
    }

    void end(SandboxResult result) {
        end.complete(result);
    }

    void endAfter(Duration wallTime) {
        end.completeOnTimeout(
                FakeSandbox.ended(new Outcome.Timeout(), "", ""), wallTime.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public SandboxResult result() throws InterruptedException {
        return FakeSandbox.await(end);
    }

    /** Every signal ends it. */
    @Override
    public void signal(Signal signal) {
        end(FakeSandbox.ended(new Outcome.Signalled(signal), "", ""));
    }

    /** Nobody looks at the window. */
    @Override
    public synchronized void resize(int columns, int rows) {
        if (window == null) {
            throw new IllegalStateException("the fake process has no terminal");
        }
        window = new WindowSize(columns, rows);
    }

    @Override
    public void destroy() {
        signal(Signal.SIGTERM);
    }

    @Override
    public Process destroyForcibly() {
        signal(Signal.SIGKILL);
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public void close() {
        destroyForcibly();
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
        return FakeSandbox.await(end, timeout, unit);
    }

    @Override
    public int exitValue() {
        if (isAlive()) {
            throw new IllegalThreadStateException("the fake process has not ended");
        }
        return end.join().exitStatus();
    }

    @Override
    public boolean isAlive() {
        return !end.isDone();
    }

    /** A number that no process has. */
    @Override
    public long pid() {
        return pid;
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return end.handle((result, failure) -> this);
    }

    /** Collects what is written, until the process has ended. */
    private final class Input extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final java.util.function.Consumer<byte[]> reader;
        private boolean closed;

        Input(java.util.function.Consumer<byte[]> reader) {
            this.reader = reader;
        }

        @Override
        public synchronized void write(int value) throws IOException {
            if (closed || !isAlive()) {
                throw new IOException("Stream closed");
            }
            bytes.write(value);
        }

        @Override
        public void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            reader.accept(bytes.toByteArray());
        }
    }

    /** What the result has, once there is one. */
    private final class Output extends InputStream {
        private final boolean piped;
        private final Function<SandboxResult, byte[]> part;
        private @Nullable InputStream content;

        Output(boolean piped, Function<SandboxResult, byte[]> part) {
            this.piped = piped;
            this.part = part;
        }

        @Override
        public synchronized int read() throws IOException {
            return content().read();
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) throws IOException {
            return content().read(into, offset, length);
        }

        @Override
        public synchronized int available() throws IOException {
            return isAlive() ? 0 : content().available();
        }

        private InputStream content() throws IOException {
            if (content == null) {
                try {
                    content = new ByteArrayInputStream(piped ? part.apply(result()) : new byte[0]);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("while reading from a fake process");
                }
            }
            return content;
        }
    }
}
