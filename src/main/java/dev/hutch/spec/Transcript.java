// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What two sandboxes said to each other, in the order in which it was passed on: up to a bound, from the beginning.
 * Immutable.
 *
 * @since 0.1
 */
public final class Transcript {
    /** Nothing was said, or none was asked for. */
    public static final Transcript NONE = new Transcript(new byte[0], List.of(), 0);

    private final byte[] kept;
    private final int[] turns;
    private final long total;

    /** Who of the two. */
    public enum Speaker {
        /** The one that {@code Interaction.between} names first. */
        FIRST,
        /** The other one. */
        SECOND
    }

    /**
     * What one said before the other did.
     *
     * @param speaker who
     * @param text as UTF-8; bytes that are none show as U+FFFD
     */
    public record Turn(Speaker speaker, String text) {}

    /**
     * @param kept all that was said, copied
     * @param turns where in it each turn begins, in ascending order; the first speaker has the first, and an empty one if
     *     it was the other who began
     * @param total all bytes that were said, at least as many as kept
     */
    public Transcript(byte[] kept, List<Integer> turns, long total) {
        this.kept = kept.clone();
        this.turns = turns.stream().mapToInt(Integer::intValue).toArray();
        this.total = Range.check("total", total, kept.length, Long.MAX_VALUE);
        for (int i = 0; i < this.turns.length; i++) {
            Range.check("turn", this.turns[i], i == 0 ? 0 : this.turns[i - 1], i == 0 ? 0 : kept.length);
        }
    }

    /** The turns, of the first and the second alternately. */
    public List<Turn> turns() {
        return new AbstractList<>() {
            @Override
            public Turn get(int i) {
                return turn(i + skipped());
            }

            @Override
            public int size() {
                return turns.length - skipped();
            }
        };
    }

    /** A first turn in which nothing was said. */
    private int skipped() {
        return turns.length > 1 && turns[1] == 0 ? 1 : 0;
    }

    private Turn turn(int i) {
        int end = i + 1 < turns.length ? turns[i + 1] : kept.length;
        String text = new String(kept, turns[i], end - turns[i], StandardCharsets.UTF_8);
        return new Turn(i % 2 == 0 ? Speaker.FIRST : Speaker.SECOND, text);
    }

    /** How many bytes were said in all. */
    public long total() {
        return total;
    }

    /** Whether more was said than was kept. */
    public boolean truncated() {
        return total > kept.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Transcript that
                && total == that.total
                && Arrays.equals(kept, that.kept)
                && Arrays.equals(turns, that.turns);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(kept);
    }

    /** Line by line, {@code >} before what the first said, {@code <} before what the second did. */
    @Override
    public String toString() {
        return turns().stream()
                .flatMap(turn ->
                        turn.text().lines().map(line -> (turn.speaker() == Speaker.FIRST ? "> " : "< ") + line))
                .collect(Collectors.joining("\n"));
    }
}
