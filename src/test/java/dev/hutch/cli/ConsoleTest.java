// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    @Test
    void namesOfFilesSpeakNoWordToTheTerminal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        new Console(stream, stream).warn("open \u001b]0;a\u0007 \u009b31m \u202etxt \r\n/\u00e9");

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("hutch: open ?]0;a? ?31m ?txt ??/\u00e9\n");
    }
}
