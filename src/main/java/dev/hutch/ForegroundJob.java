// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.stdio.RawTerminal;
import dev.hutch.internal.stdio.Signals;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the signals of this process do to the command that runs in its foreground. Thread-safe. */
final class ForegroundJob {
    private static final int NO_TERMINAL = -1;

    private final Kernel kernel;
    private final long graceNanos;
    private final List<Integer> early = new ArrayList<>();
    private @Nullable LiveChild child;
    private @Nullable RawTerminal raw;
    private int master = NO_TERMINAL;
    private long firstInterrupt;
    private boolean interrupted;

    ForegroundJob(Kernel kernel, Duration grace) {
        this.kernel = kernel;
        this.graceNanos = grace.toNanos();
    }

    /** @param pseudoTerminal the end that is ours; -1 where the command has none */
    synchronized void join(int pseudoTerminal, @Nullable RawTerminal terminal) throws KernelException {
        master = pseudoTerminal;
        raw = terminal;
        resize();
    }

    /** The command runs: it gets what came before. */
    synchronized void started(LiveChild live) {
        child = live;
        early.forEach(this::signal);
        early.clear();
    }

    synchronized void ended() {
        child = null;
        master = NO_TERMINAL;
    }

    synchronized void signal(int number) {
        try {
            if (number == Signals.WINCH && master != NO_TERMINAL) {
                resize();
            } else if (child == null) {
                early.add(number);
            } else if (number == Signals.TSTP) {
                suspend(child);
            } else if (number == Signals.INT && again()) {
                child.end(LiveChild.Ending.DESTROYED);
            } else {
                child.signal(number);
            }
        } catch (SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean again() {
        long now = System.nanoTime();
        if (interrupted) {
            return now - firstInterrupt > graceNanos;
        }
        interrupted = true;
        firstInterrupt = now;
        return false;
    }

    /**
     * Stops the command and this process. The command leads a session, so that nobody could continue it: in that position
     * the kernel drops a SIGTSTP that would stop (signal(7), "orphaned process group"), and SIGSTOP does it instead.
     */
    private void suspend(LiveChild running) throws SandboxException {
        running.signal(stopsAtTstp(running.pid()) ? Signals.STOP : Signals.TSTP);
        if (raw != null) {
            raw.restore();
        }
        stopThisProcess();
        if (raw != null) {
            raw.raw();
        }
        resize();
    }

    /** Answers when the process was continued: SIGSTOP takes effect before the call returns. */
    private void stopThisProcess() throws KernelException {
        int self = kernel.pidfdOpen((int) ProcessHandle.current().pid());
        try {
            kernel.pidfdSendSignal(self, Signals.STOP);
        } finally {
            kernel.close(self);
        }
    }

    /** Whether the command neither catches nor ignores SIGTSTP; proc_pid_status(5). */
    private boolean stopsAtTstp(int pid) throws KernelException {
        String status;
        try {
            status = kernel.read("/proc/" + pid + "/status");
        } catch (KernelException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
                return false;
            }
            throw e;
        }
        return status.lines()
                .filter(line -> line.startsWith("SigCgt:") || line.startsWith("SigIgn:"))
                .allMatch(line ->
                        (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> (Signals.TSTP - 1) & 1) == 0);
    }

    private void resize() throws KernelException {
        for (int ours = 0; master != NO_TERMINAL && ours <= 2; ours++) {
            if (kernel.isTerminal(ours)) {
                kernel.windowSize(master, kernel.windowSize(ours));
                return;
            }
        }
    }
}
