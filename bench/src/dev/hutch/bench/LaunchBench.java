// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Launches of all contenders in interleaved rounds: in each, every one takes its turn of a block of launches, so that what
 * else the machine does hits all alike. First back to back, then at one launch every so many milliseconds, since a loop
 * hides what a launch after idling costs.
 */
public final class LaunchBench {
    private static final int CHUNK = 64 << 20;

    private final Options options;
    private final Map<String, Contender> contenders = new LinkedHashMap<>();

    private LaunchBench(Options options) {
        this.options = options;
    }

    /** Called by {@code bench/run}. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        Options options = Options.parse(arguments);
        byte[][] heap = fill(options.heapGibibytes());
        LaunchBench bench = new LaunchBench(options);
        try {
            bench.open();
            Report report = new Report(options);
            report.write("back to back", bench.rounds(options.block(), 0));
            if (options.idleBlock() > 0) {
                report.write(
                        "one launch per " + options.idleMillis() + " ms",
                        bench.rounds(options.idleBlock(), options.idleMillis()));
            }
        } finally {
            bench.close();
        }
        if (heap.length > 0 && heap[heap.length - 1][0] == 0) {
            throw new IllegalStateException("the heap was not in use");
        }
    }

    /** Random bytes: pages that nothing can merge or leave untouched. */
    private static byte[][] fill(int gibibytes) {
        byte[][] chunks = new byte[gibibytes * ((1 << 30) / CHUNK)][];
        Random random = new Random(1);
        byte[] page = new byte[4096];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = new byte[CHUNK];
            for (int at = 0; at < CHUNK; at += page.length) {
                random.nextBytes(page);
                page[0] = 1;
                System.arraycopy(page, 0, chunks[i], at, page.length);
            }
        }
        return chunks;
    }

    /** Whoever can't run here is left out, with the reason; the others are warmed up. */
    private void open() throws IOException, InterruptedException {
        Contenders all = new Contenders(options);
        for (String name : options.contenders()) {
            Contender contender = all.open(name);
            try {
                contender.launch(1, 0);
                contender.launch(options.warmUp() / contender.slowness(), 0);
                contenders.put(name, contender);
            } catch (IOException e) {
                contender.close();
                System.out.println("\n" + contender.name() + " does not run here: " + e.getMessage());
            }
        }
    }

    private Map<String, Figures> rounds(int block, long idleMillis) throws IOException, InterruptedException {
        Map<String, Figures> figures = new LinkedHashMap<>();
        contenders.forEach((name, contender) -> figures.put(name, new Figures(contender.name())));
        for (int round = 0; round < options.rounds(); round++) {
            for (Map.Entry<String, Contender> each : contenders.entrySet()) {
                int launches = Math.max(2, block / each.getValue().slowness());
                figures.get(each.getKey()).add(each.getValue().launch(launches, idleMillis));
                // The clean-up that a contender does behind its answer is its own, not the next one's.
                Thread.sleep(20);
            }
        }
        return figures;
    }

    private void close() throws IOException {
        for (Contender contender : contenders.values()) {
            contender.close();
        }
    }
}
