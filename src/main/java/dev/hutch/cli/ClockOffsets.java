// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.TimeOffsets;
import java.time.Duration;

/** Reads {@code monotonic=TIME,boottime=TIME}, either of them alone too. */
final class ClockOffsets {
    private ClockOffsets() {}

    static TimeOffsets parse(String text) {
        Duration monotonic = Duration.ZERO;
        Duration boottime = Duration.ZERO;
        for (String part : text.split(",", -1)) {
            if (part.startsWith("monotonic=")) {
                monotonic = Texts.signedDuration(part.substring("monotonic=".length()));
            } else if (part.startsWith("boottime=")) {
                boottime = Texts.signedDuration(part.substring("boottime=".length()));
            } else {
                throw new IllegalArgumentException("'" + part + "' is neither monotonic=TIME nor boottime=TIME");
            }
        }
        return new TimeOffsets(monotonic, boottime);
    }
}
