// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.jvm;

import dev.hutch.spec.Limits;
import java.util.ArrayList;
import java.util.List;

/** What a JVM must be told so that it fits its sandbox. It finds a limit on processors' time by itself. */
final class JvmOptions {
    /** Below this half of the memory is the heap's: code, classes and threads take some 60 MiB in any JVM. */
    private static final long SMALL = 256L << 20;

    /** Tasks that don't depend on the processors: the JVM's own, some for the program, and Hutch's init. */
    private static final int TASKS = 40;

    private static final int TASKS_PER_PROCESSOR = 3;

    private JvmOptions() {}

    static List<String> fitting(Limits limits, List<String> callers) {
        List<String> options = new ArrayList<>();
        if (callers.stream().noneMatch(JvmOptions::saysHeap)) {
            long memory = limits.memory().bytes();
            options.add("-Xmx" + (memory < SMALL ? memory / 2 : memory / 10 * 7) / 1024 + "k");
        }
        int seen = processors(limits);
        int fit = Math.max(1, (limits.pids() - TASKS) / TASKS_PER_PROCESSOR);
        if (limits.cpusetCpus().isEmpty() && fit < seen) {
            options.add("-XX:ActiveProcessorCount=" + fit);
        }
        options.add("-XX:+ExitOnOutOfMemoryError");
        return options;
    }

    private static boolean saysHeap(String option) {
        return option.startsWith("-Xmx") || option.matches("-XX:Max(HeapSize|RAM).*");
    }

    private static int processors(Limits limits) {
        int all = Runtime.getRuntime().availableProcessors();
        return limits.cpus() == 0 ? all : Math.min(all, (int) Math.ceil(limits.cpus()));
    }
}
