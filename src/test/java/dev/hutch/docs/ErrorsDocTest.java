// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever reads a message finds it in docs/errors.md, by its own words. */
class ErrorsDocTest {
    private static final Path LAUNCH = Path.of("src/main/java/dev/hutch/internal/launch");
    private static final List<String> CURES = List.of("OpFailure.java", "Channel.java", "Verdicts.java");
    private static final Pattern LITERAL =
            Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"(?:\\s*\\+\\s*\"((?:[^\"\\\\]|\\\\.)*)\")?");

    /** The cures are the texts of more than seven words; names of stages and system calls are shorter. */
    static Stream<String> cures() throws IOException {
        List<String> sources = new ArrayList<>();
        for (String name : CURES) {
            sources.add(Files.readString(LAUNCH.resolve(name)));
        }
        return sources.stream()
                .flatMap(source -> LITERAL.matcher(source).results())
                .map(ErrorsDocTest::joined)
                .filter(text -> text.split(" ").length > 7)
                .distinct();
    }

    private static String joined(MatchResult literal) {
        return literal.group(1) + (literal.group(2) == null ? "" : literal.group(2));
    }

    @ParameterizedTest
    @MethodSource("cures")
    void everyCureIsExplained(String cure) throws IOException {
        String page = Files.readString(Path.of("docs/errors.md"))
                .replaceAll("\\s+", " ")
                .replace("`hutch doctor`", "hutch doctor");

        assertThat(page).contains(cure.replace("`", ""));
    }
}
