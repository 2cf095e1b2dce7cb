// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever reads a message finds it in docs/errors.md, by its own words. */
class ErrorsDocTest {
    @Test
    void everyErrorIsExplained() throws IOException {
        String page = words(Files.readString(Path.of("docs/errors.md")));

        Map<String, Path> texts = ErrorTexts.all();

        assertThat(texts).hasSizeGreaterThan(200);
        texts.keySet().removeIf(text -> page.contains(words(text)));
        assertThat(texts)
                .as("not in docs/errors.md, or of no error: see ErrorTexts")
                .isEmpty();
    }

    private static String words(String text) {
        return text.replace("`", "").replaceAll("\\s+", " ");
    }
}
