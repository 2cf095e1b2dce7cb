// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** plan.h as text: its op table, its constants, and where its structs have their fields. */
public final class PlanHeader {
    private static final Pattern OP = Pattern.compile("OP\\((\\w+), \\w+, (\\w+), (\\w+), (\\w+)\\)");
    private static final Pattern CONSTANT = Pattern.compile("([A-Z][A-Z0-9_]+)( = ([0-9a-fx* ]+))?,");
    private static final Pattern FIELD = Pattern.compile("(?m)^ {4}(u?)int(16|32|64)_t (\\w+)(\\[(\\d)])?;");
    private static final String TEXT = read();

    private PlanHeader() {}

    /** One row of HUTCH_OPS. */
    public record OpRow(String name, List<String> operands) {}

    public static List<OpRow> ops() {
        List<OpRow> rows = new ArrayList<>();
        Matcher row = OP.matcher(TEXT);
        while (row.find()) {
            rows.add(new OpRow(row.group(1), List.of(row.group(2), row.group(3), row.group(4))));
        }
        return rows;
    }

    /** The constants of an enum, by name; those that say no value count on from the one before. */
    public static Map<String, Long> constants(String enumeration) {
        Matcher body = Pattern.compile("enum" + (enumeration.isEmpty() ? "" : " " + enumeration) + " \\{(.*?)}", 32)
                .matcher(TEXT);
        if (!body.find()) {
            throw new IllegalStateException("plan.h has no enum " + enumeration);
        }
        Map<String, Long> values = new LinkedHashMap<>();
        long next = 0;
        Matcher constant =
                CONSTANT.matcher(body.group(1).replaceAll("/\\*.*?\\*/", "").strip() + ",");
        while (constant.find()) {
            next = constant.group(3) == null ? next : product(constant.group(3));
            values.put(constant.group(1), next++);
        }
        return values;
    }

    /** Offsets of a struct's fields, by name, and its size as {@code sizeof}: of whole numbers, each aligned to itself. */
    public static Map<String, Integer> layout(String struct) {
        Matcher body = Pattern.compile("struct " + struct + " \\{(.*?)\n}", 32).matcher(TEXT);
        if (!body.find()) {
            throw new IllegalStateException("plan.h has no struct " + struct);
        }
        Map<String, Integer> offsets = new LinkedHashMap<>();
        int at = 0;
        int alignment = 1;
        Matcher field = FIELD.matcher(body.group(1));
        while (field.find()) {
            int size = Integer.parseInt(field.group(2)) / 8;
            at = up(at, size);
            offsets.put(field.group(3), at);
            at += size * (field.group(5) == null ? 1 : Integer.parseInt(field.group(5)));
            alignment = Math.max(alignment, size);
        }
        offsets.put("sizeof", up(at, alignment));
        return offsets;
    }

    private static int up(int at, int alignment) {
        return (at + alignment - 1) / alignment * alignment;
    }

    private static long product(String expression) {
        long value = 1;
        for (String factor : expression.split("\\*")) {
            value *= Long.decode(factor.strip());
        }
        return value;
    }

    private static String read() {
        try {
            return Files.readString(Path.of("src", "main", "c", "zygote", "plan.h"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
