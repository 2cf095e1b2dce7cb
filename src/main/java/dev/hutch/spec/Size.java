// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes. Immutable.
 *
 * @param bytes 0 or more
 * @since 0.1
 */
public record Size(long bytes) implements Comparable<Size> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})([bBkKmMgGtT]?)");

    public Size {
        Range.check("size", bytes, 0, Long.MAX_VALUE);
    }

    /** So many bytes, 0 or more. */
    public static Size bytes(long count) {
        return new Size(count);
    }

    /** Units of 1024 bytes. */
    public static Size kibibytes(long count) {
        return scaled(count, 10);
    }

    /** Units of 1024² bytes. */
    public static Size mebibytes(long count) {
        return scaled(count, 20);
    }

    /** Units of 1024³ bytes. */
    public static Size gibibytes(long count) {
        return scaled(count, 30);
    }

    /**
     * Reads docker's way of writing sizes: digits and one of {@code b k m g t}, powers of 1024, either case.
     *
     * @throws IllegalArgumentException if it is anything else, or over 2⁶³−1 bytes
     */
    public static Size parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "size '" + text + "' is not a whole number with an optional b, k, m, g or t, such as 512m");
        }
        int shift = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            case "t" -> 40;
            default -> 0;
        };
        return scaled(Long.parseLong(matcher.group(1)), shift);
    }

    private static Size scaled(long count, int shift) {
        Range.check("size", count, 0, Long.MAX_VALUE >> shift);
        return new Size(count << shift);
    }

    @Override
    public int compareTo(Size other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest text that {@link #parse} reads as this size. */
    @Override
    public String toString() {
        String units = "kmgt";
        for (int i = units.length() - 1; i >= 0; i--) {
            int shift = 10 * (i + 1);
            if (bytes != 0 && (bytes & ((1L << shift) - 1)) == 0) {
                return (bytes >> shift) + units.substring(i, i + 1);
            }
        }
        return Long.toString(bytes);
    }
}
