// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the sandbox's cgroup may use; the OCI runtime specification's {@code linux.resources}. Immutable.
 *
 * <p>A limit that was set through the builder was <em>asked for</em>: where the machine can't enforce it, the start
 * fails. A default that can't be enforced is left out and listed in the result.
 *
 * @param memory bytes, 1 MiB or more; default 1 GiB; v1 memory.limit_in_bytes, v2 memory.max
 * @param memorySwap memory and swap together, at least {@code memory}; default equal to it: no swap
 * @param cpus processors' worth of time, 0.01 to 8192; 0, the default, for no bound; v1 cpu.cfs_quota_us, v2 cpu.max
 * @param cpuShares weight against sibling cgroups, 2 to 262,144; default 256; v1 cpu.shares, v2 cpu.weight
 * @param cpusetCpus the processors allowed, such as {@code 0-2,4}; empty, the default, for all; cpuset.cpus
 * @param pids tasks (processes and threads, init included) at once, 1 to 4,194,304; default 64 and 4 more for each
 *     processor over 8; pids.max
 * @param ioWeight share of the disks against siblings, 10 to 1000; default 50; v1 blkio.weight or BFQ's file, v2
 *     io.weight
 * @param throttles bounds per block device
 * @param asked which of these the caller set
 * @since 0.1
 */
public record Limits(
        Size memory,
        Size memorySwap,
        double cpus,
        int cpuShares,
        String cpusetCpus,
        int pids,
        int ioWeight,
        List<DeviceThrottle> throttles,
        Set<Limit> asked) {
    public Limits {
        Range.check("memory", memory.bytes(), 1 << 20, Long.MAX_VALUE);
        if (memorySwap.compareTo(memory) < 0) {
            throw new IllegalArgumentException(
                    "memorySwap is " + memorySwap + ", must be at least memory, " + memory + ": it counts both");
        }
        if (cpus != 0 && !(cpus >= 0.01 && cpus <= 8192)) {
            throw new IllegalArgumentException("cpus is " + cpus + ", must be 0.01 to 8192, or 0 for no bound");
        }
        Range.check("cpuShares", cpuShares, 2, 262_144);
        if (!cpusetCpus.matches("([0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*)?")) {
            throw new IllegalArgumentException("cpusetCpus is '" + cpusetCpus + "', must be a list such as 0-2,4");
        }
        Range.check("pids", pids, 1, 4_194_304);
        Range.check("ioWeight", ioWeight, 10, 1000);
        throttles = List.copyOf(throttles);
        asked = Collections.unmodifiableSet(asked.isEmpty() ? EnumSet.noneOf(Limit.class) : EnumSet.copyOf(asked));
    }

    /** The defaults, none of them asked for. */
    public static Limits defaults() {
        int processors = Runtime.getRuntime().availableProcessors();
        Size memory = Size.gibibytes(1);
        int pids = 64 + 4 * Math.max(0, processors - 8);
        return new Limits(memory, memory, 0, 256, "", pids, 50, List.of(), Set.of());
    }

    /** The defaults with 256 tasks: room for a JVM's own threads on any number of processors, and a busy program's. */
    public static Limits forJava() {
        Limits all = defaults();
        int pids = Math.max(256, all.pids);
        return new Limits(all.memory, all.memorySwap, 0, all.cpuShares, "", pids, all.ioWeight, List.of(), Set.of());
    }

    /** The defaults, to be changed. */
    public static Builder builder() {
        return new Builder(defaults());
    }

    /** These limits, to be changed; what was asked for stays asked for. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Each setter checks its own value, so the line that is wrong fails. Not thread-safe. */
    public static final class Builder {
        private Size memory;
        private Size memorySwap;
        private double cpus;
        private int cpuShares;
        private String cpusetCpus;
        private int pids;
        private int ioWeight;
        private final List<DeviceThrottle> throttles;
        private final EnumSet<Limit> asked;

        private Builder(Limits start) {
            memory = start.memory;
            memorySwap = start.memorySwap;
            cpus = start.cpus;
            cpuShares = start.cpuShares;
            cpusetCpus = start.cpusetCpus;
            pids = start.pids;
            ioWeight = start.ioWeight;
            throttles = new ArrayList<>(start.throttles);
            asked = EnumSet.noneOf(Limit.class);
            asked.addAll(start.asked);
        }

        /** Sets the memory limit, and the limit of memory and swap to the same unless that was set before. */
        public Builder memory(Size limit) {
            Range.check("memory", limit.bytes(), 1 << 20, Long.MAX_VALUE);
            memory = limit;
            if (!asked.contains(Limit.MEMORY_SWAP)) {
                memorySwap = limit;
            }
            asked.add(Limit.MEMORY);
            return this;
        }

        /** Memory and swap together. */
        public Builder memorySwap(Size limit) {
            memorySwap = limit;
            asked.add(Limit.MEMORY_SWAP);
            return this;
        }

        /** Processors' worth of time, 0.01 to 8192, such as 1.5. */
        public Builder cpus(double processors) {
            if (!(processors >= 0.01 && processors <= 8192)) {
                throw new IllegalArgumentException("cpus is " + processors + ", must be 0.01 to 8192");
            }
            cpus = processors;
            asked.add(Limit.CPUS);
            return this;
        }

        /** Weight against sibling cgroups, 2 to 262,144. */
        public Builder cpuShares(int shares) {
            cpuShares = Range.check("cpuShares", shares, 2, 262_144);
            asked.add(Limit.CPU_SHARES);
            return this;
        }

        /** The processors allowed, such as {@code 0-2,4}. */
        public Builder cpusetCpus(String list) {
            if (!list.matches("[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*")) {
                throw new IllegalArgumentException("cpusetCpus is '" + list + "', must be a list such as 0-2,4");
            }
            cpusetCpus = list;
            asked.add(Limit.CPUSET_CPUS);
            return this;
        }

        /** Processes and threads at once, init included; 1 to 4,194,304. */
        public Builder pids(int tasks) {
            pids = Range.check("pids", tasks, 1, 4_194_304);
            asked.add(Limit.PIDS);
            return this;
        }

        /** Share of the disks against siblings, 10 to 1000. */
        public Builder ioWeight(int weight) {
            ioWeight = Range.check("ioWeight", weight, 10, 1000);
            asked.add(Limit.IO_WEIGHT);
            return this;
        }

        /** One more bound on the traffic with a block device. */
        public Builder throttle(DeviceThrottle throttle) {
            throttles.add(throttle);
            asked.add(Limit.IO_THROTTLE);
            return this;
        }

        /**
         * The limits.
         *
         * @throws IllegalArgumentException if memory and swap together are less than memory
         */
        public Limits build() {
            return new Limits(memory, memorySwap, cpus, cpuShares, cpusetCpus, pids, ioWeight, throttles, asked);
        }
    }
}
