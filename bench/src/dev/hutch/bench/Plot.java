// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws a run's figures as bars: {@code Plot FILE.csv FILE.svg}. For each rhythm all contenders, and in each setting some. */
public final class Plot {
    private static final int WIDTH = 900;
    private static final int LEFT = 380;
    private static final int BAR = 16;
    private static final int LINE = 22;
    /** Bars that would be longer end here, and say so. */
    private static final double MOST_MILLIS = 8;

    private final StringBuilder svg = new StringBuilder();
    private int y = 10;

    private Plot() {}

    /** Called by {@code bench/run}. */
    public static void main(String... arguments) throws IOException {
        // Setting, rhythm, contender: milliseconds at the median. A later run's replace an earlier one's.
        Map<String, Map<String, Map<String, Double>>> figures = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        for (String line : lines.subList(1, lines.size())) {
            String[] quoted = line.split("\"");
            String[] numbers = quoted[6].split(",");
            figures.computeIfAbsent(quoted[3], key -> new LinkedHashMap<>())
                    .computeIfAbsent(quoted[1], key -> new LinkedHashMap<>())
                    .put(quoted[5], Long.parseLong(numbers[2]) / 1e3);
        }
        Plot plot = new Plot();
        figures.forEach((rhythm, settings) -> {
            plot.title("Launch to exit, " + rhythm + ", ms (median)");
            settings.getOrDefault("plain", Map.of()).forEach(plot::bar);
        });
        figures.forEach((rhythm, settings) -> {
            plot.title("What else there is, " + rhythm + ", ms (median)");
            settings.forEach((setting, contenders) -> contenders.forEach((name, millis) -> {
                if (name.startsWith("Hutch") || name.equals("bubblewrap")) {
                    plot.bar(setting + ": " + name, millis);
                }
            }));
        });
        Files.writeString(Path.of(arguments[1]), plot.whole());
    }

    private void title(String text) {
        y += LINE;
        svg.append(text(10, y, "bold", text));
        y += LINE / 2;
    }

    private void bar(String name, double millis) {
        boolean cut = millis > MOST_MILLIS;
        int length = (int) Math.round(Math.min(millis, MOST_MILLIS) / MOST_MILLIS * (WIDTH - LEFT - 70));
        String colour = name.contains("Hutch") ? "#2a7d4f" : "#9aa5b1";
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n",
                LEFT,
                y,
                length,
                BAR,
                colour));
        svg.append(text(10, y + BAR - 4, "normal", name));
        svg.append(text(
                LEFT + length + 6, y + BAR - 4, "normal", String.format(Locale.ROOT, cut ? "%.1f →" : "%.2f", millis)));
        y += LINE;
    }

    private static String text(int x, int y, String weight, String text) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n",
                x,
                y,
                weight,
                text.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private String whole() {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%s</svg>%n",
                WIDTH,
                y + 10,
                svg);
    }
}
