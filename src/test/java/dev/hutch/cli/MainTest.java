// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Allow;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int hutch(String... words) {
        return Main.run(List.of(words), new Console(stream(out), stream(err)));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void versionIsOneLine() {
        assertThat(hutch("--version")).isZero();
        assertThat(text(out)).startsWith("hutch ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "frobnicate", "run", "run --nonsense", "doctor now", "completion fish", "run -c"})
    void wrongLinesGiveOneLineAndStatus125(String line) {
        assertThat(hutch(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(125);
        assertThat(text(err)).startsWith("hutch: ").hasLineCount(1);
        assertThat(text(out)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/no/such/root, does not exist",
        "/etc/passwd, is not a directory",
        "no/such/root, is not an absolute path",
    })
    void aRootThatIsNoneIsNamed(String root, String why) {
        assertThat(hutch("run", "-m", root, "true")).isEqualTo(125);
        assertThat(text(err))
                .startsWith("hutch: ")
                .hasLineCount(1)
                .contains(root)
                .contains(why);
    }

    @Test
    void helpNamesEveryKindThatIsAllowed() {
        assertThat(hutch("run", "--help")).isZero();
        assertThat(Allow.values()).allSatisfy(allow -> assertThat(text(out)).contains(allow.option()));
    }

    @Test
    void messagesStayOnOneLineWhateverIsInThem() {
        assertThat(hutch("run", "--mem\nory\u001b[31m", "true")).isEqualTo(125);
        assertThat(text(err)).hasLineCount(1).doesNotContain("\u001b");
    }

    @Test
    void helpNamesEveryOptionInLinesThatFitATerminal() {
        assertThat(hutch("run", "--help")).isZero();
        RunOptions.of(new RunRequest()).forEach(group -> {
            assertThat(text(out)).contains(group.heading() + ":");
            group.options().forEach(option -> assertThat(text(out)).contains(option.name() + " "));
        });
        assertThat(text(out).lines())
                .allMatch(line -> line.length() <= 120)
                .anyMatch(line -> line.contains("Examples"));
        assertThat(hutch("--help")).isZero();
    }

    @Test
    void helpIsGivenEvenWithoutACommand() {
        assertThat(hutch("run", "-i", "-h")).isZero();
        assertThat(text(out)).startsWith("Usage: hutch run");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void completionKnowsCommandsAndOptions(String shell) {
        assertThat(hutch("completion", shell)).isZero();
        assertThat(text(out)).contains("doctor", "'--memory'", "--pids-limit", "complete -F");
    }
}
