// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Limit;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;

/**
 * Told what becomes of a context's sandboxes: set by {@link Hutch.Builder#listener}. Calls come one at a time and, for
 * one sandbox, in the order of its life, from a thread of the context's own: no launch and no end waits for them, and a slow
 * listener only delays the calls that follow. What a call throws is logged and harms nothing.
 *
 * <p>A command that joins a container, by {@link SandboxProcess#exec} or as a call of a session, is told of by the same
 * calls, and {@link RunningSandbox#joined} and {@link RunningSandbox#containerPid} tell it apart. What its container's counters
 * show, {@link #outOfMemory} and refused forks, is told of the container alone. A session's container starts with the first
 * call, by a program of Hutch's own, and exits when the session ends.
 *
 * @since 0.1
 */
public interface SandboxListener {
    /** The command runs: its execve has been reached. */
    default void started(RunningSandbox sandbox) {}

    /**
     * Processes inside were ended by the OOM killer. Told while the sandbox runs, about a tenth of a second later (where
     * thousands run, a second), and what was not told yet at its end, before {@link #exited}.
     *
     * @param kills how many since the last call
     */
    default void outOfMemory(RunningSandbox sandbox, long kills) {}

    /**
     * Forks were refused at the limit of tasks. Told when {@link #outOfMemory} is.
     *
     * @param what {@link Limit#PIDS}
     * @param hits how often since the last call
     */
    default void limit(RunningSandbox sandbox, Limit what, long hits) {}

    /**
     * Wall time, processor time or output was over its limit, and the sandbox was ended for it; before {@link #exited}.
     *
     * @param outcome {@link Outcome.Timeout}, {@link Outcome.CpuTimeout} or {@link Outcome.OutputLimit}
     */
    default void limit(RunningSandbox sandbox, Outcome outcome) {}

    /**
     * It has ended.
     *
     * @param result without output
     */
    default void exited(RunningSandbox sandbox, SandboxResult result) {}

    /** Nothing is known of its end: it was lost with the context's zygote. */
    default void lost(RunningSandbox sandbox, SandboxException why) {}
}
