// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import dev.hutch.spec.Account;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompViolation;
import dev.hutch.spec.SetupTime;
import dev.hutch.spec.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private static SandboxResult result(Outcome outcome, long oomKills, long refused, Enforced... enforced) {
        return new SandboxResult(
                outcome,
                new Account(
                        MILLI,
                        MILLI,
                        MILLI,
                        MILLI,
                        4096,
                        3,
                        oomKills,
                        refused,
                        5,
                        6,
                        OptionalLong.of(7),
                        OptionalLong.empty()),
                new SetupTime(MILLI, MILLI, MILLI, MILLI),
                new Captured(new byte[0], 10),
                new Captured(new byte[0], 20),
                List.of(enforced));
    }

    @Test
    void resultHasEveryKey() throws Exception {
        JsonObject json = JsonParser.object()
                .from(ResultJson.of(result(new Outcome.Exited(3), 1, 2, Enforced.yes("memory", "1024"))));
        assertThat(json.getString("outcome")).isEqualTo("exited");
        assertThat(json.getInt("exitCode")).isEqualTo(3);
        assertThat(json.isNull("signal")).isTrue();
        assertThat(json.getDouble("wallMillis")).isEqualTo(1.0);
        assertThat(json.getInt("peakMemoryBytes")).isEqualTo(4096);
        assertThat(json.getInt("peakPids")).isEqualTo(3);
        assertThat(json.getInt("oomKills")).isEqualTo(1);
        assertThat(json.getInt("pidsLimitHits")).isEqualTo(2);
        assertThat(json.getInt("voluntarySwitches")).isEqualTo(5);
        assertThat(json.getInt("involuntarySwitches")).isEqualTo(6);
        assertThat(json.getInt("bytesRead")).isEqualTo(7);
        assertThat(json.isNull("bytesWritten")).isTrue();
        assertThat(json.getInt("stdoutBytes")).isEqualTo(10);
        assertThat(json.getInt("stderrBytes")).isEqualTo(20);
        assertThat(json.getObject("setup").getDouble("totalMillis")).isEqualTo(4.0);
        assertThat(json.getArray("enforced").getObject(0).getString("name")).isEqualTo("memory");
        assertThat(json.isNull("error")).isTrue();
    }

    @Test
    void whatTheFilterKilledForIsToldAndWhatItLoggedIsInTheResultOnly() throws Exception {
        SandboxResult result = result(new Outcome.Signalled(Signal.SIGSYS), 0, 0)
                .withViolations(List.of(
                        new SeccompViolation("mkdir", "a \u001b", true, 2),
                        new SeccompViolation("rmdir", "b", false, 1)));

        assertThat(Hints.of(result)).containsExactly("the seccomp profile killed for mkdir by a \u001b");
        assertThat(Hints.of(result.withViolations(IntStream.range(0, 12)
                        .mapToObj(call -> new SeccompViolation(Integer.toString(call), "a", true, 1))
                        .toList())))
                .singleElement()
                .asString()
                .endsWith("9 by a and 2 more");
        JsonObject second = JsonParser.object()
                .from(ResultJson.of(result))
                .getArray("violations")
                .getObject(1);
        assertThat(second.getString("systemCall")).isEqualTo("rmdir");
        assertThat(second.getString("program")).isEqualTo("b");
        assertThat(second.getBoolean("killed")).isFalse();
        assertThat(second.getInt("count")).isEqualTo(1);
    }

    @Test
    void failedStartHasTheSameKeysAndTheError() throws Exception {
        JsonObject failed = JsonParser.object()
                .from(ResultJson.of(new SandboxException("execve", "\"x\"\n", Errno.ENOENT, "install it")));
        JsonObject ended = JsonParser.object().from(ResultJson.of(result(new Outcome.Exited(0), 0, 0)));
        assertThat(failed.keySet()).isEqualTo(ended.keySet());
        assertThat(failed.getString("outcome")).isEqualTo("start-failed");
        JsonObject error = failed.getObject("error");
        assertThat(error.getString("operation")).isEqualTo("execve");
        assertThat(error.getString("target")).isEqualTo("\"x\"\n");
        assertThat(error.getString("errno")).isEqualTo("ENOENT");
        assertThat(error.getString("cure")).isEqualTo("install it");
    }

    @Test
    void signalIsGivenByName() throws Exception {
        JsonObject json = JsonParser.object().from(ResultJson.of(result(new Outcome.Signalled(Signal.SIGTERM), 0, 0)));
        assertThat(json.getString("outcome")).isEqualTo("signalled");
        assertThat(json.getString("signal")).isEqualTo("SIGTERM");
        assertThat(json.isNull("exitCode")).isTrue();
    }

    @Test
    void quietEndNeedsNoWords() {
        assertThat(Hints.of(result(new Outcome.Exited(1), 0, 0, Enforced.yes("memory", "1"))))
                .isEmpty();
    }

    @Test
    void eachLimitThatWasReachedNamesTheOptionThatRaisesIt() {
        assertThat(Hints.of(result(new Outcome.OutOfMemory(), 1, 0, Enforced.yes("memory", "1073741824"))))
                .containsExactly("killed at the memory limit (1g); --memory raises it");
        assertThat(Hints.of(result(new Outcome.Exited(0), 2, 0, Enforced.yes("memory", "1073741824"))))
                .containsExactly("2 processes inside killed at the memory limit (1g); --memory raises it");
        assertThat(Hints.of(result(new Outcome.Exited(2), 0, 1, Enforced.yes("pids-limit", "64"))))
                .containsExactly("the limit of 64 processes and threads was reached, 1 fork refused;"
                        + " --pids-limit raises it");
        assertThat(Hints.of(result(new Outcome.Timeout(), 0, 0, Enforced.yes("timeout", "PT1.5S"))))
                .containsExactly("killed after 1.5 s of wall time; --timeout raises it");
        assertThat(Hints.of(result(new Outcome.OutputLimit(), 0, 0, Enforced.yes("output-limit", "4096"))))
                .containsExactly("killed at the output limit (4k); --output-limit raises it");
    }

    @Test
    void noOptionRaisesTheHostsMemory() {
        assertThat(Hints.of(result(new Outcome.HostOutOfMemory(), 1, 0)))
                .containsExactly("killed because the host ran out of memory: not the sandbox's limit; try again");
    }

    @Test
    void pidsLimitAndMemoryLimitCanBothBeNamed() {
        assertThat(Hints.of(result(new Outcome.OutOfMemory(), 1, 9))).hasSize(2);
    }

    @Test
    void defaultsThatAreNotEnforcedAreNamedOnOneLine() {
        assertThat(Hints.of(result(
                        new Outcome.Exited(0),
                        0,
                        0,
                        Enforced.no("memory", "", "no cgroup"),
                        Enforced.no("pids-limit", "", "no cgroup"),
                        Enforced.no("io-weight", "", "no file"),
                        Enforced.no("net-namespace", "host", "asked for: the host's is used"))))
                .containsExactly("not enforced here: memory, pids-limit, io-weight (hutch doctor tells why)");
    }

    @Test
    void missingCommandIs127AndAnythingElseThatCannotBeExecuted126() {
        assertThat(ExitStatus.of(new SandboxException("execve", "x", Errno.ENOENT, "")))
                .isEqualTo(127);
        assertThat(ExitStatus.of(new SandboxException("execve", "x", Errno.EACCES, "")))
                .isEqualTo(126);
        assertThat(ExitStatus.of(new SandboxException("execve", "x", Errno.E2BIG, "")))
                .isEqualTo(126);
        assertThat(ExitStatus.of(new SandboxException("chdir", "x", Errno.ENOENT, "")))
                .isEqualTo(125);
    }

    @Test
    void jsonGoesToAFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("result.json");
        JsonTarget.parse(file.toString()).write("{}");
        assertThat(file).hasContent("{}\n");
        assertThatThrownBy(() -> JsonTarget.parse(folder.resolve("no/file").toString()))
                .hasMessageContaining("can't be written");
    }

    @Test
    void descriptorsOfTheJvmsOwnAreNeverWrittenTo(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> JsonTarget.parse("9999")).hasMessageContaining("not open for writing");
        Path file = Files.createFile(folder.resolve("own"));
        try (var stream = Files.newInputStream(file);
                var fds = Files.list(Path.of("/proc/self/fd"))) {
            Path own = fds.filter(fd -> target(fd).equals(file)).findFirst().orElseThrow();
            assertThatThrownBy(() -> JsonTarget.parse(own.getFileName().toString()))
                    .hasMessageContaining("not open for writing");
            assertThat(stream).isNotNull();
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (java.io.IOException e) {
            return Path.of("");
        }
    }
}
