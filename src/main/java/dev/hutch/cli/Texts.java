// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads what options are written with, where the API's nouns don't read it themselves. */
final class Texts {
    private static final Pattern DURATION = Pattern.compile("([+-]?)([0-9]{1,12}(?:\\.[0-9]{1,9})?)(ms|s|m|h|d)?");
    private static final Map<String, Long> NANOS = Map.of(
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L,
            "d",
            86_400_000_000_000L);

    private Texts() {}

    static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the path is empty");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + text.replace("\0", "\\0") + "' is no path: " + e.getReason(), e);
        }
    }

    /** Seconds, or with a unit: {@code 10}, {@code 1.5s}, {@code 500ms}, {@code 2m}. */
    static Duration duration(String text) {
        Duration duration = signedDuration(text);
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("time '" + text + "' must be more than zero");
        }
        return duration;
    }

    static Duration signedDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "time '" + text + "' is not a number with an optional ms, s, m, h or d, such as 1.5s");
        }
        String unit = matcher.group(3) == null ? "s" : matcher.group(3);
        BigDecimal nanos = new BigDecimal(matcher.group(2)).multiply(BigDecimal.valueOf(NANOS.getOrDefault(unit, 1L)));
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("time '" + text + "' is over 292 years");
        }
        Duration duration = Duration.ofNanos(nanos.longValue());
        return matcher.group(1).equals("-") ? duration.negated() : duration;
    }

    static int integer(String text) {
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number");
        }
        return Integer.parseInt(text);
    }

    static double decimal(String text) {
        if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,6})?")) {
            throw new IllegalArgumentException("'" + text + "' is not a number such as 1.5");
        }
        return Double.parseDouble(text);
    }

    /** One of an enum's constants, written small and with dashes. */
    static <E extends Enum<E>> E word(String what, Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(what + " '" + text + "' is not one of "
                + Arrays.stream(type.getEnumConstants()).map(Texts::word).collect(Collectors.joining(", ")));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
