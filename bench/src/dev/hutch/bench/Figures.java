// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** What was measured of one contender in one rhythm, round by round. Not thread-safe. */
final class Figures {
    private final String name;
    private final List<Contender.Block> rounds = new ArrayList<>();

    Figures(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    void add(Contender.Block block) {
        rounds.add(block);
    }

    int launches() {
        return (int) all().count();
    }

    /** In nanoseconds, of all launches. */
    long percentile(int percent) {
        return percentile(all().toArray(), percent);
    }

    /** Nanoseconds of the whole, clean-up included, by launches. */
    long busyPerLaunch() {
        return rounds.stream().mapToLong(Contender.Block::busyNanos).sum() / Math.max(1, launches());
    }

    /** The median over the rounds of this one's median by the other's, so that noise that lasts longer hits both. */
    double ratio(Figures other) {
        double[] ratios = new double[Math.min(rounds.size(), other.rounds.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = (double) percentile(rounds.get(i).nanos(), 50)
                    / percentile(other.rounds.get(i).nanos(), 50);
        }
        Arrays.sort(ratios);
        return ratios.length == 0 ? Double.NaN : ratios[ratios.length / 2];
    }

    private LongStream all() {
        return rounds.stream().flatMapToLong(block -> LongStream.of(block.nanos()));
    }

    private static long percentile(long[] nanos, int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }
}
