// SPDX-License-Identifier: Apache-2.0
package dev.hutch.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The C core can be read in an evening: what is neither blank nor a comment. */
class CoreSizeTest {
    private static final Pattern NO_CODE = Pattern.compile("\\s*(//.*|/?\\*.*)?");

    @Test
    void itStaysUnderFifteenHundredLines() throws IOException {
        long lines = 0;
        try (Stream<Path> files = Files.walk(Path.of("src/main/c"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                lines += Files.readAllLines(file).stream()
                        .filter(line -> !NO_CODE.matcher(line).matches())
                        .count();
            }
        }
        assertThat(lines).isBetween(1000L, 1500L);
    }
}
