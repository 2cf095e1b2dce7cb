// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** What a cgroup can limit. @since 0.1 */
public enum Limit {
    /** Memory. */
    MEMORY("memory"),
    /** Memory and swap together. */
    MEMORY_SWAP("memory-swap"),
    /** The kernel's memory for the sandbox, within {@link #MEMORY}. */
    KERNEL_MEMORY("kernel-memory"),
    /** Processor time per time. */
    CPUS("cpus"),
    /** Weight of its processor time against others. */
    CPU_SHARES("cpu-shares"),
    /** Which processors. */
    CPUSET_CPUS("cpuset-cpus"),
    /** Processes and threads. */
    PIDS("pids-limit"),
    /** Weight of its disk traffic against others. */
    IO_WEIGHT("io-weight"),
    /** Disk traffic per second. */
    IO_THROTTLE("device-io");

    private final String option;

    Limit(String option) {
        this.option = option;
    }

    /** The command line's word for it, without dashes. */
    public String option() {
        return option;
    }
}
