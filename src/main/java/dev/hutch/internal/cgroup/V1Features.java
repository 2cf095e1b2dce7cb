// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.Limit;
import java.util.Set;

/**
 * Which of version 1's optional files this kernel has: learnt from the first container's writes, so that later ones are
 * spared what fails. Thread-safe: each is decided the same way by all who decide it at once.
 */
final class V1Features {
    static final Set<Limit> IO = Set.of(Limit.IO_WEIGHT, Limit.IO_THROTTLE);

    /** BFQ's comes first: the other scheduler that had one is gone since Linux 5.0. */
    private volatile String ioWeightFile = "blkio.bfq.weight";

    private volatile boolean swap = true;
    private volatile boolean kernelMemory = true;

    boolean ioWeight() {
        return !ioWeightFile.isEmpty();
    }

    String ioWeightFile() {
        return ioWeightFile;
    }

    void ioWeightFile(String name) {
        ioWeightFile = name;
    }

    boolean swap() {
        return swap;
    }

    void noSwap() {
        swap = false;
    }

    boolean kernelMemory() {
        return kernelMemory;
    }

    void noKernelMemory() {
        kernelMemory = false;
    }
}
