// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What one launch after another doesn't show: many in flight, many alive and what each holds, a flood of output, the first
 * sandbox of a JVM, the command line. Contenders take turns, as in {@link LaunchBench}.
 */
public final class ScaleBench {
    private static final int ROUNDS = 6;
    private static final int IN_FLIGHT = 16;
    private static final int LAUNCHES = 160;
    private static final int LIVE = 1000;
    private static final int PROBES = 40;
    private static final long FLOOD = 1L << 30;
    private static final int STARTS = 15;

    private final Options options;
    private final Contenders contenders;

    private ScaleBench(Options options) throws IOException {
        this.options = options;
        this.contenders = new Contenders(options);
    }

    /** Called by {@code bench/run}. */
    public static void main(String... arguments) throws Exception {
        Options options = Options.parse(arguments);
        if (options.setting().equals("first")) {
            first(options.contenders().get(0), options.program());
            return;
        }
        ScaleBench bench = new ScaleBench(options);
        try (Contenders closing = bench.contenders) {
            System.out.println("\n**Beyond one after another**\n\n| what | figure |\n|---|---|");
            bench.inFlight();
            bench.flood();
            bench.firstOfAJvm();
            bench.commandLine();
            bench.live();
            System.out.println("\n| a new thread's wait before it runs, ms | p50, longest |\n|---|---|");
            SilentPrograms.rows(bench.contenders.cold(), LIVE, 300).forEach(System.out::println);
        }
    }

    private static void row(String what, String format, Object... figures) {
        System.out.println("| " + what + " | " + String.format(Locale.ROOT, format, figures) + " |");
    }

    private static long percentile(List<Long> nanos, int percent) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private void inFlight() throws Exception {
        Contender.Here[] both = {
            (Contender.Here) contenders.open("bubblewrap"), (Contender.Here) contenders.open("hutch")
        };
        long[] took = new long[2];
        List<List<Long>> nanos = List.of(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round <= ROUNDS; round++) {
            for (int i = 0; i < 2; i++) {
                List<Long> each = new ArrayList<>();
                long begin = System.nanoTime();
                together(both[i], each);
                // The first round warms up.
                if (round > 0) {
                    took[i] += System.nanoTime() - begin;
                    nanos.get(i).addAll(each);
                }
            }
        }
        double[] rate = {ROUNDS * LAUNCHES * 1e9 / took[0], ROUNDS * LAUNCHES * 1e9 / took[1]};
        row(
                IN_FLIGHT + " in flight, launches a second: Hutch, bubblewrap, ratio",
                "%.0f, %.0f, %.2f",
                rate[1],
                rate[0],
                rate[1] / rate[0]);
        long p50 = percentile(nanos.get(1), 50);
        long p99 = percentile(nanos.get(1), 99);
        row(IN_FLIGHT + " in flight, Hutch, ms: p50, p99, ratio", "%.1f, %.1f, %.2f", p50 / 1e6, p99 / 1e6, (double)
                p99 / p50);
    }

    private static void together(Contender.Here contender, List<Long> nanos) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT);
        List<Future<Long>> all = new ArrayList<>();
        for (int i = 0; i < LAUNCHES; i++) {
            all.add(threads.submit(() -> contender.launch(1, 0).nanos()[0]));
        }
        for (Future<Long> each : all) {
            nanos.add(each.get());
        }
        threads.shutdown();
    }

    private void flood() throws IOException, InterruptedException {
        String[] command = {"/usr/bin/head", "-c", Long.toString(FLOOD), "/dev/zero"};
        Sandbox box = Sandbox.builder().context(contenders.cold()).build();
        long[][] nanos = new long[2][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            nanos[0][round] = drain(new ProcessBuilder(command).start());
            try (SandboxProcess process = box.start(command)) {
                nanos[1][round] = drain(process);
            }
        }
        double[] ratios = new double[ROUNDS];
        Arrays.setAll(ratios, i -> (double) nanos[1][i] / nanos[0][i]);
        Arrays.sort(ratios);
        row(
                "1 GiB of standard output, GiB/s: Hutch, ProcessBuilder; time by its",
                "%.2f, %.2f; %.2f",
                1e9 / median(nanos[1]),
                1e9 / median(nanos[0]),
                ratios[ROUNDS / 2]);
    }

    private static long drain(Process process) throws IOException, InterruptedException {
        byte[] buffer = new byte[64 << 10];
        long begin = System.nanoTime();
        long bytes = 0;
        InputStream out = process.getInputStream();
        for (int n = out.read(buffer); n >= 0; n = out.read(buffer)) {
            bytes += n;
        }
        process.waitFor();
        if (bytes != FLOOD) {
            throw new IOException("of 1 GiB came " + bytes);
        }
        return System.nanoTime() - begin;
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** In a JVM of its own: its one launch. */
    private static void first(String contender, String program) throws IOException, InterruptedException {
        if (contender.equals("hutch")) {
            Sandbox.builder().build().run(program);
        } else {
            new ProcessBuilder(program).start().waitFor();
        }
    }

    private void firstOfAJvm() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = System.getProperty("java.class.path");
        long[][] nanos = new long[2][STARTS];
        for (int i = 0; i < STARTS; i++) {
            for (int which = 0; which < 2; which++) {
                List<String> command = new ArrayList<>(
                        List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", path, ScaleBench.class.getName()));
                command.addAll(options.again("first", which == 0 ? "process-builder" : "hutch"));
                nanos[which][i] = timed(command);
            }
        }
        double more = (median(nanos[1]) - median(nanos[0])) / 1e6;
        row(
                "a JVM that launches once, ms: Hutch, ProcessBuilder, difference",
                "%.0f, %.0f, %.0f",
                median(nanos[1]) / 1e6,
                median(nanos[0]) / 1e6,
                more);
    }

    private void commandLine() throws IOException, InterruptedException {
        List<String> hutch = List.of(options.hutch().toString(), "run", "--", options.program());
        long[][] nanos = new long[2][STARTS];
        timed(hutch);
        // The class archive is made behind the first call.
        Thread.sleep(15_000);
        for (int i = 0; i < STARTS; i++) {
            nanos[0][i] = timed(contenders.bubblewrap());
            nanos[1][i] = timed(hutch);
        }
        row(
                "the command line, ms: hutch run, bwrap",
                "%.0f, %.1f",
                median(nanos[1]) / 1e6,
                median(nanos[0]) / 1e6);
    }

    private static long timed(List<String> command) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("exit status " + process.exitValue() + " of " + command);
        }
        return System.nanoTime() - begin;
    }

    /** Last: what it leaves in the page cache and the heap is of no consequence then. */
    private void live() throws IOException, InterruptedException {
        Contender.Here cold = (Contender.Here) contenders.open("hutch");
        cold.launch(PROBES, 0);
        long before = percentile(nanos(cold), 50);
        long available = available();
        long heap = heap();
        List<SandboxProcess> all = new ArrayList<>();
        try {
            for (int i = 0; i < LIVE; i++) {
                all.add(Load.start(contenders.cold()));
            }
            long after = percentile(nanos(cold), 50);
            row(
                    "cold launch, ms: with none and with " + LIVE + " alive, ratio",
                    "%.2f, %.2f, %.2f",
                    before / 1e6,
                    after / 1e6,
                    (double) after / before);
            row(
                    "each of " + LIVE + " alive, KiB: private of its init, the JVM's heap, all that the machine has less",
                    "%d, %d, %d",
                    privateOfInits() / LIVE,
                    (heap() - heap) / LIVE / 1024,
                    (available - available()) / LIVE);
        } finally {
            for (SandboxProcess each : all) {
                each.destroyForcibly();
            }
            for (SandboxProcess each : all) {
                each.close();
            }
        }
    }

    private static List<Long> nanos(Contender.Here cold) throws IOException, InterruptedException {
        List<Long> nanos = new ArrayList<>();
        for (long each : cold.launch(PROBES, 0).nanos()) {
            nanos.add(each);
        }
        return nanos;
    }

    private static long heap() throws InterruptedException {
        System.gc();
        Thread.sleep(100);
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** KiB. */
    private static long available() throws IOException {
        return sum(Path.of("/proc/meminfo"), "MemAvailable:");
    }

    /** KiB that the containers' first processes share with nobody. */
    private static long privateOfInits() throws IOException {
        long all = 0;
        for (ProcessHandle each : ProcessHandle.current().descendants().toList()) {
            Path proc = Path.of("/proc", Long.toString(each.pid()));
            if (Files.readString(proc.resolve("comm")).equals("hutch-init\n")) {
                all += sum(proc.resolve("smaps_rollup"), "Private_");
            }
        }
        return all;
    }

    private static long sum(Path file, String prefix) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(prefix))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                .sum();
    }
}
