// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** What a cgroup can limit. @since 0.1 */
public enum Limit {
    MEMORY("memory"),
    MEMORY_SWAP("memory-swap"),
    KERNEL_MEMORY("kernel-memory"),
    CPUS("cpus"),
    CPU_SHARES("cpu-shares"),
    CPUSET_CPUS("cpuset-cpus"),
    PIDS("pids-limit"),
    IO_WEIGHT("io-weight"),
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
