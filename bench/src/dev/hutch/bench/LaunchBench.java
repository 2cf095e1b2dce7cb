// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Launches of all contenders in interleaved rounds: in each, every one takes its turn of a block of launches, so that what
 * else the machine does hits all alike. First back to back, then at one launch every so many milliseconds, since a loop
 * hides what a launch after idling costs.
 */
public final class LaunchBench {
    private final Options options;
    private final Contenders all;
    private final Map<String, Contender> contenders = new LinkedHashMap<>();

    private LaunchBench(Options options) throws IOException {
        this.options = options;
        this.all = new Contenders(options);
    }

    /** Called by {@code bench/run}. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        Options options = Options.parse(arguments);
        LaunchBench bench = new LaunchBench(options);
        try (Load load = new Load(options, bench.all.cold())) {
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
    }

    /** Whoever can't run here is left out, with the reason; the others are warmed up. */
    private void open() throws IOException, InterruptedException {
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
        all.close();
    }
}
