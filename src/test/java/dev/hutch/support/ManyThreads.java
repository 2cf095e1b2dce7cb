// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A thread for each task: a virtual one where Java has them, else a platform one, for the same code. */
public final class ManyThreads {
    private ManyThreads() {}

    public static boolean areVirtual() {
        return Runtime.version().feature() >= 21;
    }

    public static ExecutorService executor() {
        if (!areVirtual()) {
            return Executors.newCachedThreadPool();
        }
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many virtual threads run at once: each that blocks its carrier takes one away. */
    public static int carriers() {
        return Integer.getInteger(
                "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
    }
}
