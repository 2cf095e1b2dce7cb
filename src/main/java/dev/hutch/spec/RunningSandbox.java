// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * Which sandbox an event is about. Immutable.
 *
 * @param spec its walls and limits; {@link SandboxSpec#name} is the label it was given
 * @param pid the command's, as this JVM sees it; another process's after the end
 * @param setup how long its launch took, step by step
 * @param containerPid the pid of the command that its container was made for: its own, unless it joined one that ran
 * @since 0.1
 */
public record RunningSandbox(SandboxSpec spec, long pid, SetupTime setup, long containerPid) {
    /** Whether it is one more command in a container that ran: an exec, or a call of a session. */
    public boolean joined() {
        return pid != containerPid;
    }
}
