// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.LaunchRequest;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.spec.Captured;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The container of a session: made at the first call, ended once no call has been under way for a time. A program of
 * Hutch's own, which does nothing, is its PID 1. Thread-safe.
 */
final class SessionContainer implements AutoCloseable {
    private static final int READ_WRITE = 2;

    private final Sandbox sandbox;
    private final Duration idle;
    private final ReentrantLock beginning = new ReentrantLock();
    /** Of all below; no monitor, which pins a virtual thread while its launch waits (before Java 24). */
    private final ReentrantLock state = new ReentrantLock();

    private @Nullable LiveChild host;
    private @Nullable String over;
    private @Nullable Future<?> timer;
    private int calls;

    SessionContainer(Sandbox sandbox, Duration idle) {
        this.sandbox = sandbox;
        this.idle = idle;
    }

    void checkOpen() throws SandboxException {
        state.lock();
        try {
            if (over != null) {
                throw new SandboxException("session", "", null, over + ": make another");
            }
        } finally {
            state.unlock();
        }
    }

    /** A call is under way until it is closed. */
    Call call() throws IOException {
        LiveChild begun = begun();
        state.lock();
        try {
            checkAlive(begun);
            calls++;
            cancelTimer();
            return new Call(begun, sandbox.context());
        } finally {
            state.unlock();
        }
    }

    /** The first call begins it and may have to wait for room, which must not keep anybody from closing. */
    private LiveChild begun() throws IOException {
        beginning.lock();
        try {
            LiveChild begun = host();
            if (begun != null) {
                return begun;
            }
            try (Place place = Place.toStart(sandbox.context(), sandbox.holdingSpec())) {
                return hold(place);
            }
        } finally {
            beginning.unlock();
        }
    }

    private @Nullable LiveChild host() throws SandboxException {
        state.lock();
        try {
            checkOpen();
            return host;
        } finally {
            state.unlock();
        }
    }

    /** Whoever closes meanwhile waits for the launch, and ends it. */
    private LiveChild hold(Place place) throws IOException {
        state.lock();
        try {
            checkOpen();
            host = launch(place);
            return host;
        } finally {
            state.unlock();
        }
    }

    /** What is asked of each call does not hold for the whole: its time, and its output. */
    private static LiveChild launch(Place place) throws IOException {
        Hutch hutch = place.hutch();
        Kernel kernel = hutch.kernel();
        int nullDevice = kernel.open("/dev/null", READ_WRITE, 0);
        try {
            LiveChild child = hutch.launcher().launch(LaunchRequest.hold(place.spec(), nullDevice));
            place.handOn(child);
            kernel.close(child.takeWatch());
            hutch.events().launched(child);
            return child;
        } finally {
            kernel.close(nullDevice);
        }
    }

    private void checkAlive(LiveChild child) throws SandboxException {
        if (over == null && child.ended().isDone()) {
            over = "its container is gone" + why(child);
        }
        checkOpen();
    }

    private static String why(LiveChild child) {
        try {
            SandboxResult result = Verdicts.await(child, Captured.EMPTY, Captured.EMPTY);
            return result.outcome() instanceof Outcome.Exited ? "" : " (" + result.inWords() + ")";
        } catch (SandboxException lost) {
            return " (" + lost.getMessage() + ")";
        } catch (InterruptedException e) {
            throw new IllegalStateException("it had ended", e);
        }
    }

    private void ended(Hutch hutch) {
        calls--;
        if (calls == 0 && over == null) {
            timer = hutch.deadlines().after(idle, () -> endIdle(hutch));
        }
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** In the timer's thread, which does not wait until all is gone. */
    private void endIdle(Hutch hutch) {
        state.lock();
        try {
            if (calls > 0 || over != null || host == null) {
                return;
            }
            over = "it was idle for " + idle.toMillis() + " ms and has ended";
            hutch.deadlines().end(host, LiveChild.Ending.DESTROYED);
        } catch (SandboxException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "an idle session could not be ended", e);
        } finally {
            state.unlock();
        }
    }

    @Override
    public void close() throws SandboxException {
        LiveChild last;
        state.lock();
        try {
            if (over == null) {
                over = "it was closed";
            }
            cancelTimer();
            last = host;
        } finally {
            state.unlock();
        }
        if (last != null) {
            end(last);
        }
    }

    private void end(LiveChild last) throws SandboxException {
        try {
            sandbox.context().deadlines().end(last, LiveChild.Ending.DESTROYED);
        } catch (SandboxException e) {
            throw e;
        } catch (IOException e) {
            throw new SandboxException("session", "", "its context is gone", e);
        }
        Verdicts.awaitGone(last);
    }

    /** One call. */
    final class Call implements AutoCloseable {
        private final LiveChild held;
        private final Hutch hutch;
        private boolean closed;

        private Call(LiveChild held, Hutch hutch) {
            this.held = held;
            this.hutch = hutch;
        }

        Place place() {
            return Place.inside(hutch, sandbox.spec(), held);
        }

        /** Why the call failed: that the session has ended, where it has. */
        SandboxException why(SandboxException e) {
            state.lock();
            try {
                checkAlive(held);
                return e;
            } catch (SandboxException ended) {
                ended.addSuppressed(e);
                return ended;
            } finally {
                state.unlock();
            }
        }

        Usage usage() throws SandboxException {
            return held.usage();
        }

        void egress(Egress list) throws SandboxException {
            held.container().network().egress(list);
        }

        List<Refusal> refused() throws SandboxException {
            return held.container().network().refused();
        }

        void copyIn(Path from, Path inside) throws IOException {
            hutch.launcher().copyIn(held, from, inside);
        }

        List<CollectedFiles.LeftOut> copyOut(Path inside, Path to, Size limit) throws IOException {
            return hutch.launcher().copyOut(held, inside, to, limit);
        }

        void endOthers() throws IOException, InterruptedException {
            if (!sandbox.spec().isNew(Namespace.PID)) {
                throw new SandboxException(
                        "end others", "", null, "the session shares the host's pid namespace: close it instead");
            }
            if (!held.container().endOthers(held.pid())) {
                endOthersFromInside();
            }
        }

        /** Without a cgroup nobody outside knows all of them for certain. */
        private void endOthersFromInside() throws IOException, InterruptedException {
            Kernel kernel = hutch.kernel();
            int nullDevice = kernel.open("/dev/null", READ_WRITE, 0);
            LiveChild killer;
            try {
                killer = hutch.launcher().join(held, LaunchRequest.endOthers(sandbox.spec(), nullDevice));
                kernel.close(killer.takeWatch());
            } finally {
                kernel.close(nullDevice);
            }
            Verdicts.await(killer, Captured.EMPTY, Captured.EMPTY);
        }

        @Override
        public void close() {
            state.lock();
            try {
                if (!closed) {
                    closed = true;
                    ended(hutch);
                }
            } finally {
                state.unlock();
            }
        }
    }
}
