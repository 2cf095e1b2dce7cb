// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Markdown table for people, and lines of CSV for programs. */
final class Report {
    private static final String HEAD = "setting,rhythm,contender,launches,p50_us,p90_us,p99_us,per_launch_us,"
            + "by_process_builder,by_floor";

    private final Options options;

    Report(Options options) {
        this.options = options;
    }

    void write(String rhythm, Map<String, Figures> figures) throws IOException {
        List<String> csv = new ArrayList<>();
        if (Files.notExists(options.csv())) {
            csv.add(HEAD);
        }
        System.out.println("\n**" + options.setting() + ", " + rhythm + "**\n");
        System.out.println("| launch to exit, ms | p50 | p90 | p99 | with clean-up | × ProcessBuilder | × C floor |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Figures each : figures.values()) {
            String processBuilder = ratio(each, figures.get("process-builder"));
            String floor = ratio(each, figures.get("floor"));
            System.out.println("| " + each.name() + " | " + millis(each.percentile(50)) + " | "
                    + millis(each.percentile(90)) + " | " + millis(each.percentile(99)) + " | "
                    + millis(each.busyPerLaunch()) + " | " + processBuilder + " | " + floor + " |");
            csv.add(String.join(
                    ",",
                    quoted(options.setting()),
                    quoted(rhythm),
                    quoted(each.name()),
                    Integer.toString(each.launches()),
                    micros(each.percentile(50)),
                    micros(each.percentile(90)),
                    micros(each.percentile(99)),
                    micros(each.busyPerLaunch()),
                    processBuilder,
                    floor));
        }
        Path folder = options.csv().toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(options.csv(), csv, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String ratio(Figures each, @Nullable Figures base) {
        return base == null ? "" : String.format(Locale.ROOT, "%.2f", each.ratio(base));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }

    private static String micros(long nanos) {
        return Long.toString(Math.round(nanos / 1e3));
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
