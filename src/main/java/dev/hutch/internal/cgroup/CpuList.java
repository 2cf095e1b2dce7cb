// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import java.util.BitSet;

/** Processor lists such as {@code 0-2,4}; cpuset(7). */
final class CpuList {
    private CpuList() {}

    static BitSet of(String list) {
        BitSet cpus = new BitSet();
        for (String part : list.split(",")) {
            if (!part.isEmpty()) {
                String[] ends = part.split("-");
                cpus.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return cpus;
    }
}
