// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.stdio.Capture;
import dev.hutch.internal.stdio.FdSink;
import dev.hutch.internal.stdio.Lines;
import dev.hutch.internal.stdio.Sink;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where a command's two outputs go: kept, passed on, dropped, or written to a file. Owns the files. */
final class Outputs implements AutoCloseable {
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0100;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;
    private static final int MODE = 0666;
    private static final int NONE = -1;

    private final Hutch hutch;
    private final SandboxSpec spec;
    private final Kernel kernel;
    private final int[] files = {NONE, NONE};
    private final Sink[] sinks = new Sink[2];
    private final @Nullable Lines[] lines = new Lines[2];

    private Outputs(Hutch hutch, SandboxSpec spec) {
        this.hutch = hutch;
        this.spec = spec;
        this.kernel = hutch.kernel();
    }

    static Outputs open(Hutch hutch, SandboxSpec spec, Command command) throws IOException {
        Outputs outputs = new Outputs(hutch, spec);
        try {
            outputs.sinks[0] =
                    outputs.sink(0, command.stdout(), command.capture().bytes());
            outputs.sinks[1] =
                    outputs.sink(1, command.stderr(), command.capture().bytes());
            outputs.lines[0] = command.stdoutLine()
                    .map(to -> new Lines(outputs.sinks[0], to))
                    .orElse(null);
            outputs.lines[1] = command.stderrLine()
                    .map(to -> new Lines(outputs.sinks[1], to))
                    .orElse(null);
            return outputs;
        } catch (IOException | RuntimeException e) {
            outputs.close();
            throw e;
        }
    }

    private Sink sink(int i, Stdio to, long capture) throws IOException {
        if (to instanceof Stdio.Pipe) {
            return new Capture(capture);
        }
        if (to instanceof Stdio.Inherit) {
            return new FdSink(kernel, i + 1);
        }
        if (to instanceof Stdio.File file) {
            int flags = O_WRONLY | O_CREAT | (file.append() ? O_APPEND : O_TRUNC);
            files[i] = hutch.launcher().openFile(spec, file.path(), flags, MODE);
            return new FdSink(kernel, files[i]);
        }
        return Sink.DISCARD;
    }

    Sink out() {
        return lines[0] != null ? lines[0] : sinks[0];
    }

    Sink err() {
        return lines[1] != null ? lines[1] : sinks[1];
    }

    /** Nothing more comes: the last line has no end of its own. */
    void ended() {
        for (Lines each : lines) {
            if (each != null) {
                each.ended();
            }
        }
    }

    /** What was kept of stream {@code i} (0: standard output), of which {@code total} bytes were written. */
    Captured captured(int i, long total) {
        return sinks[i] instanceof Capture kept ? kept.captured() : new Captured(new byte[0], total);
    }

    @Override
    public void close() {
        for (int i = 0; i < 2; i++) {
            if (files[i] != NONE) {
                kernel.close(files[i]);
                files[i] = NONE;
            }
        }
    }
}
