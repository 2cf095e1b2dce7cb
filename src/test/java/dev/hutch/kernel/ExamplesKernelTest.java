// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.grack.nanojson.JsonParser;
import dev.hutch.support.HostState;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of examples/, compiled as a user compiles, against the jar and its two dependencies, and run side by side
 * in JVMs of their own, since they mostly wait for what is late. Root: their limits need cgroups.
 */
@KernelTest({Need.ROOT, Need.GCC, Need.PYTHON})
class ExamplesKernelTest {
    private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();
    private static final Map<String, Process> STARTED = new HashMap<>();
    private static final String SECRET = "a line that nobody inside may see";

    @TempDir
    private static Path folder;

    private static HostState before = new HostState(Map.of());
    private static ServerSocket server;

    @BeforeAll
    static void compileAndStart() throws Exception {
        before = HostState.now();
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        List<String> javac = new ArrayList<>(List.of(jdk("javac"), "--release", "17", "-Xlint:all", "-Werror"));
        // On the module path what isn't exported can't be used.
        javac.addAll(List.of("-d", classes(), "-p", libraries(), "--add-modules", "dev.hutch"));
        javac.addAll(files(EXAMPLES, "*.java"));
        Tool.run(javac.toArray(String[]::new));

        start("Judge", EXAMPLES.resolve("judge/tests").toString(), files(EXAMPLES.resolve("judge/submissions"), "*"));
        List<String> games = new ArrayList<>(List.of("437"));
        games.addAll(files(EXAMPLES.resolve("judge/interactive"), "*"));
        start("InteractiveJudge", EXAMPLES.resolve("judge/guess.py").toString(), games);
        start("DocumentConverter", EXAMPLES.resolve("converter").toString(), documents());
        start("PythonPool", snippets().toString(), List.of());
        start("ToolRunner", EXAMPLES.resolve("agent.txt").toString(), List.of());
    }

    @AfterAll
    static void nothingStaysBehind() throws Exception {
        STARTED.values().forEach(Process::destroyForcibly);
        server.close();
        assertThat(before.leftovers()).as("left behind").isEmpty();
    }

    @Test
    void theJudgeTellsEachEndApart() throws Exception {
        assertThat(output("Judge").lines())
                .map(line -> String.join(" ", line.split(" +")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .matches(
                                        "bomb.c TIME_LIMIT .*the limit of 16 processes and threads was reached, .* refused"),
                        line -> assertThat(line)
                                .isEqualTo("chatter.c OUTPUT_LIMIT 1.in: killed at the output limit (64k)"),
                        line -> assertThat(line).isEqualTo("crash.c RUNTIME_ERROR 1.in: ended by SIGSEGV"),
                        line -> assertThat(line).isEqualTo("hog.c MEMORY_LIMIT 1.in: killed at the memory limit (64m)"),
                        line -> assertThat(line).isEqualTo("overflow.c WRONG_ANSWER 2.in: exit code 0"),
                        line -> assertThat(line)
                                .matches("peeks.c COMPILE_ERROR .*/etc/shadow: No such file or directory"),
                        line -> assertThat(line).isEqualTo("right.c ACCEPTED 2 tests"),
                        line -> assertThat(line).isEqualTo("right.py ACCEPTED 2 tests"),
                        line -> assertThat(line).matches("sleep.c TIME_LIMIT 1.in: killed after 5 s of wall time"),
                        line -> assertThat(line)
                                .matches("spin.c TIME_LIMIT 1.in: killed after .* of (processor|wall) time"),
                        line -> assertThat(line)
                                .matches("typo.c COMPILE_ERROR main.c:3:12: error: .*sum.*undeclared.*"));
    }

    @Test
    void theInteractiveJudgeTalksWithAllAndHangsWithNone() throws Exception {
        assertThat(output("InteractiveJudge").lines())
                .map(line -> String.join(" ", line.split(" +")))
                .containsExactly(
                        "babbles.py LIMIT killed at the output limit (4k)",
                        "bisect.py ACCEPTED found in 4 guesses",
                        "counts.py WRONG not found in 10 guesses; exit code 1",
                        "crashes.py WRONG no number but '' after 1 guesses; exit code 3",
                        "jokes.py WRONG no number but 'forty-two' after 0 guesses; exit code 1",
                        "waits.py LIMIT killed after 5 s of wall time");
    }

    @Test
    void theConverterReadsNothingCallsNobodyAndEnds() throws Exception {
        assertThat(output("DocumentConverter"))
                .contains("== letter.xml\nDear reader,\n2 < 3.\n")
                .contains("== reads.xml\nnot converted: exit code 1")
                .contains("No such file or directory")
                .contains("== calls.xml\nnot converted: exit code 1")
                .contains("Connection refused")
                .containsPattern("== waits.xml\nnot converted: killed after 5 s of wall time")
                .doesNotContain(SECRET);

        server.setSoTimeout(1);
        assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }

    /** Else the test above would prove nothing. */
    @Test
    void bareTheConverterReadsWhatItIsToldTo() throws Exception {
        assertThat(Tool.run(
                        "/usr/bin/python3",
                        EXAMPLES.resolve("converter/to_text.py").toString(),
                        folder.resolve("reads.xml").toString(),
                        "/dev/stdout"))
                .contains(SECRET);
    }

    @Test
    void thePoolAnswersAllInOrderWhateverOneDoes() throws Exception {
        List<String> lines = output("PythonPool").lines().toList();

        assertThat(lines.subList(0, 8))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("42"),
                        line -> assertThat(line).isEqualTo("failed: ended by SIGABRT"),
                        line -> assertThat(line).as("what the one before left").isEqualTo("[]"),
                        line -> assertThat(line).matches("failed: killed after .* of (processor|wall) time"),
                        line -> assertThat(line).startsWith("failed: killed at the memory limit"),
                        line -> assertThat(line).contains("the limit of 16 processes and threads was reached"),
                        line -> assertThat(line).isEqualTo("failed: exit code 1"),
                        line -> assertThat(line).isEqualTo("499500"));
        assertThat(lines.subList(8, lines.size()))
                .containsExactlyElementsOf(
                        IntStream.range(0, 40).mapToObj(Integer::toString).toList());
    }

    @Test
    void theToolRunnerKeepsItsFilesAndSurvivesItsAgent() throws Exception {
        String told = output("ToolRunner");

        assertThat(told)
                .contains("python3 sum.py < numbers.txt\n500500\n")
                .contains("> read numbers.txt\n1\n2\n", "bytes left out", "\n1000\n")
                .contains("> run cat /etc/shadow\ncat: /etc/shadow: No such file or directory\n[exit code 1]\n")
                .contains("Network is unreachable\n")
                .contains("; ls\nnumbers.txt\nsum.py\n")
                .contains("[killed at the output limit (1m)]\n")
                .contains("[killed after 5 s of wall time]\n")
                .contains("killed at the memory limit (256m)]\n")
                .contains("> run sleep 60 & ls\nnumbers.txt\nsum.py\n")
                .endsWith("> run echo it goes on\nit goes on\n");
    }

    @Test
    void theReadmeNamesThemAll() throws IOException {
        assertThat(Files.readString(EXAMPLES.resolve("README.md")))
                .contains(files(EXAMPLES, "*.java").stream()
                        .map(file -> Path.of(file).getFileName().toString())
                        .toList());
    }

    private static List<String> documents() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        Path reads = document("reads.xml", secret.toUri().toString());
        Path calls = document("calls.xml", "http://127.0.0.1:" + server.getLocalPort() + "/");
        return Stream.of(
                        EXAMPLES.resolve("converter/letter.xml"), reads, calls, EXAMPLES.resolve("converter/waits.xml"))
                .map(Path::toString)
                .toList();
    }

    private static Path document(String name, String wanted) throws IOException {
        return Files.writeString(
                folder.resolve(name), "<!DOCTYPE a [<!ENTITY b SYSTEM \"" + wanted + "\">]>\n<a>&b;</a>\n");
    }

    private static Path snippets() throws IOException {
        List<String> all = new ArrayList<>(Files.readAllLines(EXAMPLES.resolve("snippets.txt")));
        IntStream.range(0, 40).forEach(i -> all.add("print(" + i + ")"));
        return Files.write(folder.resolve("snippets.txt"), all);
    }

    private static void start(String example, String argument, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(jdk("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", classes() + File.pathSeparator + libraries(), example, argument));
        command.addAll(arguments);
        STARTED.put(
                example,
                new ProcessBuilder(command)
                        .redirectOutput(out(example).toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    private static String output(String example) throws Exception {
        assertThat(STARTED.get(example).waitFor()).as(example).isZero();
        return Files.readString(out(example), StandardCharsets.UTF_8);
    }

    private static Path out(String example) {
        return folder.resolve(example + ".out");
    }

    private static String classes() {
        return folder.resolve("classes").toString();
    }

    private static String libraries() throws IOException {
        List<String> all =
                new ArrayList<>(files(Path.of(System.getProperty("hutch.build", "target")), "hutch-[0-9]*.jar"));
        for (Class<?> each : List.of(IOUtils.class, JsonParser.class)) {
            all.add(each.getProtectionDomain().getCodeSource().getLocation().getPath());
        }
        return String.join(File.pathSeparator, all);
    }

    private static List<String> files(Path from, String glob) throws IOException {
        List<String> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from, glob)) {
            files.forEach(file -> all.add(file.toAbsolutePath().toString()));
        }
        return all.stream().sorted().toList();
    }

    private static String jdk(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }
}
