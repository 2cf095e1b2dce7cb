// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each transcript of the README, run again: a shell's standard output and error together. */
@KernelTest({Need.ROOT, Need.GCC, Need.PYTHON})
class ReadmeTranscriptKernelTest {
    /** A command and what it prints. */
    record Transcript(String command, String output) {
        @Override
        public String toString() {
            return command;
        }
    }

    static Stream<Transcript> transcripts() throws IOException {
        List<Transcript> found = new ArrayList<>();
        boolean inside = false;
        String command = "";
        StringBuilder output = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("README.md"))) {
            boolean ends = inside && (line.startsWith("```") || line.startsWith("$ "));
            if (ends && !command.isEmpty()) {
                found.add(new Transcript(command, output.toString()));
                command = "";
                output.setLength(0);
            }
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ")) {
                command = line.substring(2);
            } else if (inside) {
                output.append(line).append('\n');
            }
        }
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void theReadmeTellsWhatHappens(Transcript transcript) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", transcript.command()).redirectErrorStream(true);
        shell.environment().put("HUTCH_ARCHIVE", "off");
        Process process = shell.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();

        assertThat(printed).isEqualTo(transcript.output());
    }
}
