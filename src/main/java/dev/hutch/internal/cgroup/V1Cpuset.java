// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;

/** Version 1's cpusets: processors and memory nodes must be set before a task can join. */
final class V1Cpuset {
    private V1Cpuset() {}

    /** Gives a cpuset what its parent has, unless somebody has set it before. */
    static void inherit(KernelFiles files, String parent, String child) throws KernelException {
        copyIfEmpty(files, parent, child, "cpuset.cpus");
        copyIfEmpty(files, parent, child, "cpuset.mems");
    }

    static void copyIfEmpty(KernelFiles files, String parent, String child, String name) throws KernelException {
        if (files.read(child + "/" + name).trim().isEmpty()) {
            files.write(child + "/" + name, files.read(parent + "/" + name).trim());
        }
    }
}
