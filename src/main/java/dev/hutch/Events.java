// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.cgroup.LimitEvents;
import dev.hutch.internal.jfr.Recorder;
import dev.hutch.internal.launch.Daemon;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Verdicts;
import dev.hutch.spec.Account;
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
    private final LimitWatch limits = new LimitWatch();
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
        RunningSandbox sandbox = new RunningSandbox(
                child.spec(), child.pid(), child.setup(), child.host().pid());
        later(() -> {
            if (recorded) {
                Recorder.launched(sandbox);
            }
            listener.started(sandbox);
        });
        Told told = new Told(sandbox);
        if (listens && !sandbox.joined()) {
            limits.watch(child, events -> later(() -> told.tell(events)));
        }
        child.ended().whenComplete((report, failure) -> later(() -> ended(child, sandbox, told)));
    }

    private void ended(LiveChild child, RunningSandbox sandbox, Told told) {
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
        Account account = result.account();
        if (!sandbox.joined()) {
            told.tell(new LimitEvents(account.oomKills(), account.pidsLimitHits()));
        }
        ending(sandbox, result.outcome());
        listener.exited(sandbox, result);
    }

    private void ending(RunningSandbox sandbox, Outcome outcome) {
        if (outcome instanceof Outcome.Timeout
                || outcome instanceof Outcome.CpuTimeout
                || outcome instanceof Outcome.OutputLimit) {
            tell(() -> listener.limit(sandbox, outcome));
        }
    }

    /** What a sandbox's listener has heard of counters that only grow: the difference is the news. */
    private final class Told {
        private final RunningSandbox sandbox;
        private long oomKills;
        private long pidsLimitHits;

        Told(RunningSandbox sandbox) {
            this.sandbox = sandbox;
        }

        void tell(LimitEvents now) {
            long kills;
            long hits;
            synchronized (this) {
                kills = now.oomKills() - oomKills;
                hits = now.pidsLimitHits() - pidsLimitHits;
                oomKills += Math.max(0, kills);
                pidsLimitHits += Math.max(0, hits);
            }
            if (kills > 0) {
                Events.tell(() -> listener.outOfMemory(sandbox, kills));
            }
            if (hits > 0) {
                Events.tell(() -> listener.limit(sandbox, Limit.PIDS, hits));
            }
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
        limits.close();
        if (thread != null) {
            thread.shutdown();
        }
    }
}
