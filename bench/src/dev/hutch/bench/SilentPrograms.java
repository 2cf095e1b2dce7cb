// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How long a new thread waits before it runs while many others read from programs that say nothing: virtual threads where
 * Java has them, else platform ones.
 */
final class SilentPrograms {
    private static final int PROBES = 200;
    private static final int PATIENCE_SECONDS = 30;
    private static final String[] SILENT = {"/usr/bin/sleep", "100000"};

    /** Starts one. */
    private interface Starter {
        Process start() throws IOException;
    }

    private SilentPrograms() {}

    static List<String> rows(Hutch context, int sandboxes, int processes) throws IOException, InterruptedException {
        Sandbox box = Sandbox.builder().context(context).build();
        return List.of(
                row("no reader", 0, () -> box.start(SILENT)),
                row(sandboxes + " sandboxes read", sandboxes, () -> box.start(SILENT)),
                row(processes + " of ProcessBuilder's read", processes, () -> new ProcessBuilder(SILENT).start()));
    }

    private static String row(String what, int many, Starter starter) throws IOException, InterruptedException {
        ExecutorService threads = perTask();
        List<Process> all = new ArrayList<>();
        try {
            for (int i = 0; i < many; i++) {
                Process process = starter.start();
                all.add(process);
                threads.submit(() -> process.getInputStream().read());
            }
            // By then they wait.
            Thread.sleep(2_000);
            int platform = Thread.getAllStackTraces().size();
            return String.format(
                    Locale.ROOT, "| %s, %s; %d platform threads | %s |", kind(), what, platform, delays(threads));
        } finally {
            all.forEach(Process::destroyForcibly);
            for (Process each : all) {
                each.waitFor();
                close(each);
            }
            threads.shutdownNow();
        }
    }

    private static String delays(ExecutorService threads) throws InterruptedException {
        double[] millis = new double[PROBES];
        for (int i = 0; i < PROBES; i++) {
            long asked = System.nanoTime();
            CompletableFuture<Long> ran = CompletableFuture.supplyAsync(System::nanoTime, threads);
            try {
                millis[i] = (ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS) - asked) / 1e6;
            } catch (TimeoutException e) {
                return "not within " + PATIENCE_SECONDS + " s";
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        Arrays.sort(millis);
        return String.format(Locale.ROOT, "%.2f, %.2f", millis[PROBES / 2], millis[PROBES - 1]);
    }

    private static void close(Process process) {
        if (process instanceof AutoCloseable closing) {
            try {
                closing.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String kind() {
        return Runtime.version().feature() >= 21 ? "virtual threads" : "platform threads";
    }

    private static ExecutorService perTask() {
        if (Runtime.version().feature() < 21) {
            return Executors.newCachedThreadPool();
        }
        try {
            return (ExecutorService) Executors.class
                    .getMethod("newVirtualThreadPerTaskExecutor")
                    .invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Alone: {@code java … dev.hutch.bench.SilentPrograms [SANDBOXES [PROCESSES]]}. */
    public static void main(String... arguments) throws Exception {
        int sandboxes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
        int processes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
        try (Hutch context = Hutch.builder().build()) {
            System.out.println("| a new thread's wait before it runs, ms | p50, longest |\n|---|---|");
            rows(context, sandboxes, processes).forEach(System.out::println);
        }
    }
}
