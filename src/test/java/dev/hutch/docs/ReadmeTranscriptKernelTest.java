// SPDX-License-Identifier: Apache-2.0
package dev.hutch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Uplink;
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
        boolean isOnTheInternet() {
            return command.contains("--egress");
        }

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

    static Stream<Transcript> here() throws IOException {
        return transcripts().filter(each -> !each.isOnTheInternet());
    }

    static Stream<Transcript> onTheInternet() throws IOException {
        return transcripts().filter(Transcript::isOnTheInternet);
    }

    @ParameterizedTest
    @MethodSource("here")
    void theReadmeTellsWhatHappens(Transcript transcript) throws Exception {
        happens(transcript, List.of());
    }

    /** A network in which the names that it has stand for a server of the test's. */
    @ParameterizedTest
    @MethodSource("onTheInternet")
    @KernelTest({Need.USER_NAMESPACES, Need.IPROUTE, Need.PASTA, Need.TUN, Need.DNSMASQ})
    void theReadmeTellsWhatHappensOnTheInternet(Transcript transcript) throws Exception {
        try (Uplink uplink = Uplink.make()) {
            uplink.world().serve("tcp,0.0.0.0,443");
            List<String> server = new ArrayList<>(List.of(
                    "dnsmasq",
                    "--keep-in-foreground",
                    "--conf-file=/dev/null",
                    "--no-resolv",
                    "--no-hosts",
                    "--user=root"));
            server.addAll(List.of("--bind-interfaces", "--listen-address=" + Uplink.WORLD_4));
            for (String name : List.of("pypi.org", "files.pythonhosted.org", "example.org")) {
                server.add("--host-record=" + name + "," + Uplink.WORLD_4);
            }
            uplink.world().serve(53, server.toArray(String[]::new));
            happens(transcript, uplink.onMachine("nameserver " + Uplink.WORLD_4 + "\n"));
        }
    }

    private static void happens(Transcript transcript, List<String> around) throws Exception {
        List<String> command = new ArrayList<>(around);
        command.addAll(List.of("bash", "-c", transcript.command()));
        ProcessBuilder shell = new ProcessBuilder(command).redirectErrorStream(true);
        shell.environment().put("HUTCH_ARCHIVE", "off");
        Process process = shell.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();

        assertThat(printed).isEqualTo(transcript.output());
    }
}
