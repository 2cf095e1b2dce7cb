// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.jfr.Recorder;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells a listener and the flight recorder, off every launch's path; costs nothing where there is neither. */
final class Events implements AutoCloseable {
    private final SandboxListener listener;
    private final boolean listens;
    private @Nullable ThreadPoolExecutor thread;
    private boolean closed;

    Events(@Nullable SandboxListener listener) {
        this.listens = listener != null;
        this.listener = listener != null ? listener : new SandboxListener() {};
    }

    /** The child's execve has been reached. */
    void launched(LiveChild child) {
        boolean recorded = Recorder.isRecording();
        if (!listens && !recorded) {
            return;
        }
        RunningSandbox sandbox = new RunningSandbox(child.spec(), child.pid(), child.setup());
        later(() -> {
            if (recorded) {
                Recorder.launched(sandbox);
            }
            listener.started(sandbox);
        });
        child.ended().whenComplete((report, failure) -> later(() -> ended(child, sandbox)));
    }

    private void ended(LiveChild child, RunningSandbox sandbox) {
        SandboxResult result;
        try {
            result = Verdicts.await(child, Captured.EMPTY, Captured.EMPTY);
        } catch (SandboxException lost) {
            listener.lost(sandbox, lost);
            return;
        } catch (InterruptedException e) {
            throw new IllegalStateException("it had ended", e);
        }
        if (Recorder.isRecording()) {
            Recorder.exited(sandbox, result);
        }
        limits(sandbox, result);
        listener.exited(sandbox, result);
    }

    private void limits(RunningSandbox sandbox, SandboxResult result) {
        if (result.account().oomKills() > 0) {
            tell(() -> listener.outOfMemory(sandbox, result.account().oomKills()));
        }
        if (result.account().pidsLimitHits() > 0) {
            tell(() -> listener.limit(sandbox, Limit.PIDS, result.account().pidsLimitHits()));
        }
        Outcome outcome = result.outcome();
        if (outcome instanceof Outcome.Timeout
                || outcome instanceof Outcome.CpuTimeout
                || outcome instanceof Outcome.OutputLimit) {
            tell(() -> listener.limit(sandbox, outcome));
        }
    }

    private void later(Runnable work) {
        try {
            thread().execute(() -> tell(work));
        } catch (RejectedExecutionException e) {
            // The context has been closed meanwhile: its last events are told where they come about.
            tell(work);
        }
    }

    private static void tell(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "a listener failed", e);
        }
    }

    /** Goes when nothing happens for a second, and comes again. */
    private synchronized ThreadPoolExecutor thread() {
        if (thread == null) {
            thread = new ThreadPoolExecutor(
                    1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new Daemon("hutch-events"));
            thread.allowCoreThreadTimeOut(true);
            if (closed) {
                thread.shutdown();
            }
        }
        return thread;
    }

    /** What has happened is still told; not waited for, since a listener may be who closes. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.shutdown();
        }
    }
}
