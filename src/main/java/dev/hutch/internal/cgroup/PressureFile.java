// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.Pressure;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Version 2's pressure files: {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}, and {@code full} likewise. */
final class PressureFile {
    private PressureFile() {}

    /** Empty where the text has none: a kernel with {@code psi=0}. */
    static Optional<Pressure> parse(String text) {
        return text.startsWith("some ")
                ? Optional.of(new Pressure(stall(text, "some "), stall(text, "full ")))
                : Optional.empty();
    }

    private static Pressure.Stall stall(String text, String kind) {
        int at = text.indexOf(kind);
        if (at < 0) {
            return Pressure.Stall.NONE;
        }
        String line = text.substring(at).lines().findFirst().orElseThrow();
        return new Pressure.Stall(
                percent(line, "avg10="),
                percent(line, "avg60="),
                percent(line, "avg300="),
                Duration.of(KeyedFile.sum(line, "total="), ChronoUnit.MICROS));
    }

    private static double percent(String line, String key) {
        int from = line.indexOf(key) + key.length();
        int end = line.indexOf(' ', from);
        return end < 0 ? 0 : Double.parseDouble(line.substring(from, end));
    }
}
