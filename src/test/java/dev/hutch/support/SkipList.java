// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What was skipped and why, a line each, in target/kernel-skips.txt: CI fails when it is longer than expected. */
final class SkipList {
    private static final Path FILE = Path.of("target", "kernel-skips.txt");

    private SkipList() {}

    static void add(ExtensionContext context, String reason) {
        // The other JVM's skips come back to the one that started it.
        if (PlainUser.inOtherJvm()) {
            return;
        }
        String test = context.getRequiredTestClass().getSimpleName()
                + context.getTestMethod().map(method -> "#" + method.getName()).orElse("");
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, test + ": " + reason + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("the skip of " + test + " can't be recorded", e);
        }
    }
}
