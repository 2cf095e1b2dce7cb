// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.SourcePump;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Feeds a command from a Java stream. A stream that fails ends the sandbox: half an input gives no result. */
final class SourceFeeding implements Running.Attendant, AutoCloseable {
    private final Hutch hutch;
    private final SourcePump pump;
    private volatile @Nullable LiveChild child;

    SourceFeeding(Hutch hutch, InputStream stream) throws SandboxException {
        this.hutch = hutch;
        this.pump = new SourcePump(hutch.kernel(), stream, this::end);
    }

    @Override
    public Feed feed(Pipes pipes) throws IOException {
        return Feed.from(hutch.kernel(), pipes.takeInput(), pump.output());
    }

    @Override
    public void started(Running.Live live) {
        child = live.child();
        pump.start();
    }

    private void end() {
        LiveChild running = child;
        try {
            if (running != null) {
                hutch.deadlines().end(running, LiveChild.Ending.DESTROYED);
            }
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The result of a command that had all its input. */
    SandboxResult check(SandboxResult result) throws SandboxException {
        Optional<Throwable> failure = pump.failure();
        if (failure.isPresent()) {
            throw new SandboxException(
                    "read",
                    "standard input",
                    "the stream that was given as input failed: see the cause",
                    failure.get());
        }
        return result;
    }

    @Override
    public void close() {
        pump.close();
    }
}
