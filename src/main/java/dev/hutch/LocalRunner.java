// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.jvm.JavaLine;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.stdio.Capture;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Signal;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.Stdio;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Runs commands as bare programs of this machine. */
final class LocalRunner implements SandboxRunner {
    private static final int BUFFER = 16 * 1024;

    @Override
    public SandboxResult run(SandboxSpec spec, Command command) throws IOException, InterruptedException {
        try (LocalProcess process = start(spec, command)) {
            CompletableFuture<Captured> out = capture(process.getInputStream(), command);
            CompletableFuture<Captured> err = capture(process.getErrorStream(), command);
            if (command.input().length == 0) {
                process.getOutputStream().close();
            }
            process.waitFor();
            return process.result(out.get(), err.get());
        } catch (ExecutionException e) {
            throw new SandboxException("read output", command.toString(), "see the cause", e);
        }
    }

    @Override
    public LocalProcess start(SandboxSpec spec, Command command) throws IOException {
        if (command.terminal().isPresent()) {
            throw new UnsupportedOperationException("unsafeLocal has no terminals");
        }
        SoftStop first = spec.softStop();
        if (first != null && !first.signal().equals(Signal.SIGTERM)) {
            throw new UnsupportedOperationException("unsafeLocal sends SIGTERM and SIGKILL, not " + first.signal());
        }
        Duration grace = first == null ? Duration.ZERO : first.grace();
        List<String> arguments =
                command.java().isPresent() ? JavaLine.here(command.java().get(), spec.limits()) : command.arguments();
        ProcessBuilder builder = new ProcessBuilder(arguments)
                .redirectInput(input(command.stdin()))
                .redirectOutput(output(command.stdout()))
                .redirectError(output(command.stderr()))
                .redirectErrorStream(command.mergeError());
        builder.environment().putAll(spec.environment());
        builder.environment().putAll(command.environment());
        Path folder = command.directory().orElse(spec.workspace());
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new SandboxException(
                    "start", arguments.get(0), "unsafeLocal looks for it on this machine: " + e.getMessage(), e);
        }
        LocalProcess local = new LocalProcess(process, spec.wallTimeOf(command), grace);
        if (command.stdin() instanceof Stdio.Discard) {
            process.getOutputStream().close();
        } else if (command.input().length > 0) {
            feed(process.getOutputStream(), command.input());
        }
        return local;
    }

    /** The null device has another name on each system: an empty pipe serves. */
    private static Redirect input(Stdio from) {
        if (from instanceof Stdio.File file) {
            return Redirect.from(file.path().toFile());
        }
        return from instanceof Stdio.Inherit ? Redirect.INHERIT : Redirect.PIPE;
    }

    private static Redirect output(Stdio to) {
        if (to instanceof Stdio.File file) {
            File target = file.path().toFile();
            return file.append() ? Redirect.appendTo(target) : Redirect.to(target);
        }
        if (to instanceof Stdio.Inherit) {
            return Redirect.INHERIT;
        }
        return to instanceof Stdio.Discard ? Redirect.DISCARD : Redirect.PIPE;
    }

    /** A program that doesn't want its input closes the pipe: its own affair, as in a container. */
    private static void feed(OutputStream stdin, byte[] bytes) {
        new Daemon("hutch-local-input")
                .newThread(() -> {
                    try (stdin) {
                        stdin.write(bytes);
                    } catch (IOException e) {
                        System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "input was not wanted", e);
                    }
                })
                .start();
    }

    private static CompletableFuture<Captured> capture(InputStream stream, Command command) {
        CompletableFuture<Captured> future = new CompletableFuture<>();
        new Daemon("hutch-local-output")
                .newThread(() -> {
                    Capture capture = new Capture(command.capture().bytes());
                    byte[] bytes = new byte[BUFFER];
                    try {
                        for (int n = stream.read(bytes); n >= 0; n = stream.read(bytes)) {
                            capture.accept(ByteBuffer.wrap(bytes), n);
                        }
                        future.complete(capture.captured());
                    } catch (IOException | RuntimeException e) {
                        future.completeExceptionally(e);
                    }
                })
                .start();
        return future;
    }

    @Override
    public String toString() {
        return "unsafeLocal";
    }
}
