// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.Passage;
import dev.hutch.internal.stdio.Relay;
import dev.hutch.internal.stdio.Sink;
import dev.hutch.internal.stdio.Tee;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Command;
import dev.hutch.spec.InteractionResult;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Transcript;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An interaction while it goes on. Each party is run by a thread of its own; the calling thread carries what they say, where
 * that is to be heard or counted, and waits for both. Where one can't be served the other is ended too.
 */
final class Interacting {
    private final Side first;
    private final Side second;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Interacting(Side first, Side second) {
        this.first = first;
        this.second = second;
    }

    static InteractionResult run(Interaction.Party first, Interaction.Party second, @Nullable Size bound)
            throws IOException, InterruptedException {
        List<Place> places = Place.twoOfTheirOwn(
                first.sandbox().context(), first.sandbox().spec(),
                second.sandbox().context(), second.sandbox().spec());
        try (Place here = places.get(0);
                Place over = places.get(1);
                Side one = Side.of(here, first.command());
                Side two = Side.of(over, second.command())) {
            Interacting both = new Interacting(one, two);
            if (bound == null && !one.isCounted() && !two.isCounted()) {
                one.pipes.readFrom(two.pipes);
                two.pipes.readFrom(one.pipes);
                return both.run();
            }
            Tee tee = bound == null ? null : new Tee(bound.bytes());
            try (Passage there = one.passageTo(two, tee == null ? Sink.DISCARD : tee.of(Transcript.Speaker.FIRST));
                    Passage back = two.passageTo(one, tee == null ? Sink.DISCARD : tee.of(Transcript.Speaker.SECOND))) {
                InteractionResult result = both.run(there, back);
                return new InteractionResult(
                        counted(result.first(), there),
                        counted(result.second(), back),
                        tee == null ? Transcript.NONE : tee.transcript(),
                        true);
            }
        }
    }

    private static SandboxResult counted(SandboxResult result, Passage says) {
        return result.withStdout(new Captured(new byte[0], says.count()));
    }

    private InteractionResult run(Passage there, Passage back) throws IOException, InterruptedException {
        start();
        try {
            new Relay(first.kernel(), there, back, first.live.get(), second.live.get()).run();
        } catch (ExecutionException e) {
            return results();
        } catch (Throwable e) {
            end();
            throw e;
        }
        return results();
    }

    private InteractionResult run() throws IOException, InterruptedException {
        start();
        return results();
    }

    private void start() {
        first.start(this);
        second.start(this);
    }

    private InteractionResult results() throws IOException, InterruptedException {
        try {
            return new InteractionResult(first.ended.get(), second.ended.get(), Transcript.NONE, false);
        } catch (ExecutionException e) {
            end();
            throw rethrown(Objects.requireNonNull(failure.get()));
        } catch (InterruptedException e) {
            end();
            throw e;
        }
    }

    private static SandboxException rethrown(Throwable why) throws IOException {
        if (why instanceof IOException io) {
            throw io;
        }
        if (why instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (why instanceof Error error) {
            throw error;
        }
        return new SandboxException("interaction", "", "see the cause", why);
    }

    /** One of them can't be served any more. */
    private void failed(Throwable why) {
        failure.compareAndSet(null, why);
        first.interrupt();
        second.interrupt();
    }

    /** Ends both and waits until nothing is left of them. */
    private void end() {
        first.interrupt();
        second.interrupt();
        first.ended.handle((result, why) -> result).join();
        second.ended.handle((result, why) -> result).join();
    }

    /** One party: its pipes and the thread that runs it. */
    private static final class Side implements Running.Attendant, AutoCloseable {
        private static final int NONE = -1;

        private final Place place;
        private final Command command;
        private final Pipes pipes;
        private final CompletableFuture<Relay.Party> live = new CompletableFuture<>();
        private final CompletableFuture<SandboxResult> ended = new CompletableFuture<>();
        private @Nullable Thread thread;
        private int watch = NONE;

        private Side(Place place, Command command, Pipes pipes) {
            this.place = place;
            this.command = command;
            this.pipes = pipes;
        }

        static Side of(Place place, Command command) throws IOException {
            return new Side(place, command, Pipes.of(place.hutch(), place.spec(), command, command.stdin()));
        }

        Kernel kernel() {
            return place.kernel();
        }

        /** What passes from kernel to kernel nobody counts. */
        boolean isCounted() {
            return place.spec().outputLimit() != null;
        }

        Passage passageTo(Side listener, Sink tee) {
            return new Passage(kernel(), pipes.take(1), listener.pipes.takeInput(), tee);
        }

        void start(Interacting both) {
            Thread runner = new Daemon("hutch-interaction").newThread(() -> run(both));
            synchronized (this) {
                thread = runner;
            }
            runner.start();
        }

        /** Its thread ends its container then. */
        synchronized void interrupt() {
            if (thread != null) {
                thread.interrupt();
            }
        }

        private void run(Interacting both) {
            try {
                ended.complete(Running.withFiles(place, command, inside -> Running.run(inside, command, pipes, this)));
            } catch (Throwable e) {
                both.failed(e);
                live.completeExceptionally(e);
                ended.completeExceptionally(e);
            }
        }

        @Override
        public @Nullable Feed feed(Pipes open) {
            return null;
        }

        @Override
        public void started(Running.Live running) throws IOException {
            watch = kernel().dup(running.container());
            live.complete(new Relay.Party(running.meter(), watch));
        }

        @Override
        public void close() {
            pipes.close();
            if (watch != NONE) {
                kernel().close(watch);
            }
        }
    }
}
