// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Usage;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * One container's control group: a directory in each version 1 hierarchy that is needed, or one in version 2's.
 * Thread-safe, but for calls after {@link #remove}.
 */
public interface ContainerCgroup {
    /** What was written and accepted, and which defaults could not be. */
    List<Enforced> enforced();

    /** Its directories by controller; version 2's under {@code unified}. */
    Map<String, String> directories();

    /** Version 1's hierarchies that it is in, each by all its controllers, such as {@code cpu,cpuacct}. */
    List<String> hierarchies();

    /**
     * Each version 1 directory's {@code tasks}, open for writing: a child that writes {@code 0} joins, without the
     * grace period that a write of its pid by another process waits for. The caller closes them.
     */
    int[] openTasks() throws KernelException;

    /** Version 2's directory, for CLONE_INTO_CGROUP; clone3(2). The caller closes it. Empty where there is none. */
    OptionalInt openDirectory() throws KernelException;

    /**
     * Its {@code cgroup.procs}, open for writing, for a child that clone3(2) could not put there: who writes {@code 0}
     * joins. The caller closes it. Empty where there is none.
     */
    OptionalInt openProcs() throws KernelException;

    /** {@code cgroup.kill}, open for writing. The caller closes it. Empty where there is none. */
    OptionalInt openKill() throws KernelException;

    /** Writes the limits that differ from those in force; all, or those in force stay. */
    void update(Limits limits) throws SandboxException;

    /** Those that were written last. */
    Limits limits();

    /** Lets the peak count from now on, where the kernel can: whether it did. */
    boolean resetPeak() throws KernelException;

    /** For the verdict; both the peak and the events are complete when wait(2) has answered. */
    CgroupUsage usage() throws KernelException;

    /** How often its limits were met, by as few reads as can be. */
    LimitEvents limitEvents() throws KernelException;

    /**
     * For onlookers.
     *
     * @param cpuBefore nanoseconds of processor time that are left out of the count
     */
    Usage current(long cpuBefore) throws KernelException;

    /** Whether anything counts the processor time. */
    boolean countsCpu();

    /** Processor time of all processes so far, by reading a single file; 0 where no cgroup counts it. */
    long cpuNanos() throws KernelException;

    /** Tells all processes to stop, or to continue; waits for nothing. */
    void freeze(boolean frozen) throws SandboxException;

    /**
     * Opens what "THAWED" is written to, so that processes that were stopped can be ended; empty where the kernel ends them
     * all the same. The caller closes it.
     */
    OptionalInt openThaw() throws KernelException;

    /**
     * Waits so long for all processes to stop, which {@link #freeze} has told them: whether they have. No also where they
     * were told to continue meanwhile.
     */
    boolean awaitFrozen(long nanos) throws SandboxException;

    /**
     * Ends all processes: by {@code cgroup.kill}, else by forbidding forks and killing in rounds.
     *
     * @param killPid sends SIGKILL to a pid that was just seen inside, and takes it well if that is gone
     */
    void kill(IntConsumer killPid) throws SandboxException;

    /** Removes the directories, waiting up to two seconds for the kernel to let go of processes that ended. */
    void remove() throws SandboxException;
}
