// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of variables as docker has it: {@code NAME=VALUE} or {@code NAME} a line, taken literally. */
final class EnvironmentFile {
    private EnvironmentFile() {}

    static List<String> read(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + file + "' can't be read: " + Failures.reason(e), e);
        }
    }
}
