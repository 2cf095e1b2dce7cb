// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code hutch run} as a process: streams, exit statuses, results. */
@KernelTest(Need.USER_NAMESPACES)
class CliRunKernelTest extends CliCase {
    /** A caller with real-time priority doesn't hand it on: an inmate that spins would have the processor to itself. */
    @Test
    @KernelTest(Need.ROOT)
    void aProgramOfARealTimeCallersIsScheduledAsAnyOther() throws Exception {
        List<String> command = new ArrayList<>(List.of("chrt", "--fifo", "1"));
        command.addAll(run("-c", "/bin/cat", "/proc/self/stat"));
        Answer answer = answer(command);
        assertThat(answer).extracting(Answer::status, Answer::err).containsExactly(0, "");
        int policy = 41;
        assertThat(answer.out().split(" ")[policy - 1]).as("SCHED_OTHER").isEqualTo("0");
    }

    @Test
    @KernelTest(Need.BUSYBOX)
    void rootUserAndCommandAsInTheFirstDescription() throws Exception {
        Answer answer = hutchRun(
                "-m",
                BusyboxRoot.path().toString(),
                "--read-only",
                "-u",
                "1000",
                "-c",
                "/bin/sh",
                "-c",
                "id -u; echo $0 $1",
                "a",
                "b");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).isEqualTo("1000\na b\n");
        assertThat(answer.status()).isZero();
    }

    @Test
    void pipedInputReachesTheProgramAsItIs() throws Exception {
        Answer answer = answer(run("--", "sh", "-c", "read line; echo got $line; readlink /proc/self/fd/0"), "text\n");
        assertThat(answer.out()).startsWith("got text\npipe:[");
    }

    @Test
    void outputPassesThroughPipesAndCanBeOpenedAnew() throws Exception {
        Answer answer = hutchRun("sh", "-c", "echo out >/dev/stdout; echo err >/dev/stderr; readlink /proc/self/fd/1");
        assertThat(answer.out()).startsWith("out\npipe:[");
        assertThat(answer.err()).isEqualTo("err\n");
    }

    @Test
    void folderAsStandardInputIsNeverHandedIn() throws Exception {
        Answer answer = answer(shell(run("ls", "/proc/self/fd/0/etc")));
        assertThat(answer.status()).isEqualTo(125);
        assertThat(answer.err()).contains("EISDIR").hasLineCount(1);
    }

    /** The shell opens the host's root as standard input. */
    private static List<String> shell(List<String> command) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" </", "sh"));
        all.addAll(command);
        return all;
    }

    @Test
    void callersUmaskHidesNothingFromTheUserInside() throws Exception {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"));
        all.addAll(run("sh", "-c", "umask; ls /sys/fs/cgroup >/dev/null && echo seen"));
        Answer answer = answer(all);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).isEqualTo("0022\nseen\n");
    }

    @Test
    void readerThatHasSeenEnoughEndsTheProgramBySigpipe() throws Exception {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", "{ \"$@\"; echo $? >&2; } | head -n 1", "sh"));
        all.addAll(run("yes"));
        Answer answer = answer(all);
        assertThat(answer.out()).isEqualTo("y\n");
        assertThat(answer.err()).isEqualTo("141\n");
    }

    @ParameterizedTest
    @CsvSource({
        "exit 0, 0",
        "exit 3, 3",
        "exit 124, 124",
        "exit 137, 137",
        "kill -9 $$, 137",
        "kill -15 $$, 143",
        "kill -2 $$, 130"
    })
    void exitStatusIsTheCommandsOr128AndTheSignal(String script, int status) throws Exception {
        Answer answer = hutchRun("sh", "-c", script);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.err()).isEmpty();
    }

    @Test
    void missingCommandAndFileThatIsNoProgram() throws Exception {
        Answer missing = hutchRun("/no/such/program");
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.err())
                .startsWith("hutch: execve /no/such/program: ENOENT")
                .hasLineCount(1);
        Answer text = hutchRun("/etc/passwd");
        assertThat(text.status()).isEqualTo(126);
        assertThat(text.err()).contains("EACCES").hasLineCount(1);
    }

    /** As root in the range of the sandbox's own; and by a map that names the user's own id alone, which everybody may have. */
    @Test
    void userOutsideOfTheMapIsRefusedInOneLine() throws Exception {
        long own = (int) Files.getAttribute(folder, "unix:uid");
        long group = (int) Files.getAttribute(folder, "unix:gid");
        String user = "1000:" + (own == 0 ? 700_000 : own) + ":1";
        String groups = "1000:" + (own == 0 ? 700_000 : group) + ":1";
        Answer mapped = hutchRun("--uidmap", user, "--gidmap", groups, "-u", "70000", "--", "true");
        assertThat(mapped.status()).isEqualTo(125);
        assertThat(mapped.err())
                .startsWith("hutch: user 70000:70000: EINVAL")
                .contains("is not in the sandbox's map", "choose another id")
                .hasLineCount(1);
        assertThat(hutchRun("--uidmap", user, "--gidmap", groups, "-u", "1000", "--", "true"))
                .isEqualTo(new Answer(0, "", ""));
    }

    @Test
    @KernelTest(Need.ROOT)
    void userOutsideOfTheDefaultMapIsRefusedInOneLineAndTheLastInsideRuns() throws Exception {
        for (String user : List.of("70000", "65536", "1000:70000", "1000:1000,70000")) {
            Answer answer = hutchRun("-u", user, "--", "true");
            assertThat(answer.status()).as(user).isEqualTo(125);
            assertThat(answer.out()).isEmpty();
            assertThat(answer.err()).contains("is not in the sandbox's map").hasLineCount(1);
        }
        assertThat(hutchRun("-u", "65535", "--", "id", "-u")).isEqualTo(new Answer(0, "65535\n", ""));
    }

    @Test
    void moreArgumentsAndVariablesThanTheKernelTakesAreNamed() throws Exception {
        StringBuilder variables = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            variables
                    .append("V")
                    .append(i)
                    .append('=')
                    .append("x".repeat(100_000))
                    .append('\n');
        }
        Path file = Files.writeString(folder.resolve("variables"), variables);
        Answer answer = hutchRun("--env-file", file.toString(), "true");
        assertThat(answer.status()).isEqualTo(126);
        assertThat(answer.err()).contains("E2BIG").hasLineCount(1);
    }

    @Test
    void wallTimeIsUp() throws Exception {
        Answer answer = hutchRun("--timeout", "300ms", "sh", "-c", "trap '' TERM INT; echo begun; sleep 100");
        assertThat(answer.status()).isEqualTo(124);
        assertThat(answer.out()).isEqualTo("begun\n");
        assertThat(answer.err()).isEqualTo("hutch: killed after 0.3 s of wall time; --timeout raises it\n");
    }

    @Test
    void whoseTimeIsUpIsAskedFirst() throws Exception {
        Answer answer = hutchRun(
                "--timeout",
                "2s",
                "--stop-signal",
                "INT",
                "sh",
                "-c",
                "trap 'echo asked; exit' INT; while :; do :; done");
        assertThat(answer.status()).isEqualTo(124);
        assertThat(answer.out()).isEqualTo("asked\n");
    }

    @Test
    void outputBeyondTheLimitEndsItAndWhatCameBeforeIsDelivered() throws Exception {
        Answer answer = hutchRun("--output-limit", "1000", "yes");
        assertThat(answer.status()).isEqualTo(153);
        assertThat(answer.out()).hasSize(1000);
        assertThat(answer.err()).contains("--output-limit raises it");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void memoryLimitIsNamedWithTheOptionThatRaisesIt() throws Exception {
        Answer answer = hutchRun("--memory", "16m", "sh", "-c", "exec tail /dev/zero");
        assertThat(answer.status()).isEqualTo(137);
        assertThat(answer.err()).isEqualTo("hutch: killed at the memory limit (16m); --memory raises it\n");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void pidsLimitIsNamedWithTheOptionThatRaisesIt() throws Exception {
        Answer answer = hutchRun("--pids-limit", "4", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 60 & done");
        assertThat(answer.err()).contains("the limit of 4 processes and threads was reached", "--pids-limit raises it");
    }

    @Test
    void resultGoesToTheDescriptorThatTheCallerOpened() throws Exception {
        Path json = folder.resolve("json");
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" 7>" + json, "sh"));
        all.addAll(run("--json", "7", "sh", "-c", "echo out; echo error >&2; exit 3"));
        Answer answer = answer(all);
        assertThat(answer.status()).isEqualTo(3);
        JsonObject result = JsonParser.object().from(Files.readString(json));
        assertThat(result.getString("outcome")).isEqualTo("exited");
        assertThat(result.getInt("exitCode")).isEqualTo(3);
        assertThat(result.getInt("stdoutBytes")).isEqualTo(4);
        assertThat(result.getInt("stderrBytes")).isEqualTo(6);
        assertThat(result.getDouble("wallMillis")).isPositive();
        assertThat(result.getObject("setup").getDouble("totalMillis")).isPositive();
        assertThat(result.getArray("enforced")).isNotEmpty();
    }

    @Test
    void descriptorThatNobodyOpenedIsRefused() throws Exception {
        for (int fd = 3; fd < 8; fd++) {
            Answer answer = hutchRun("--json", Integer.toString(fd), "true");
            assertThat(answer.status()).isEqualTo(125);
            assertThat(answer.err()).startsWith("hutch: --json: ").hasLineCount(1);
        }
    }

    @Test
    void failedStartIsToldInTheResult() throws Exception {
        Path json = folder.resolve("json");
        assertThat(hutchRun("--json", json.toString(), "/no/such/program").status())
                .isEqualTo(127);
        JsonObject result = JsonParser.object().from(Files.readString(json));
        assertThat(result.getString("outcome")).isEqualTo("start-failed");
        assertThat(result.getObject("error").getString("errno")).isEqualTo("ENOENT");
    }

    @Test
    void dryRunStartsNothing() throws Exception {
        Answer answer = hutchRun("--dry-run", "--memory", "64m", "-v", folder + ":/data", "touch", "/data/made");
        assertThat(answer.status()).isZero();
        assertThat(answer.out()).contains("cgroup memory 64m", "clone3 with new", "pivot_root", "execve touch");
        assertThat(folder.resolve("made")).doesNotExist();
    }

    @Test
    void doctorSaysThatTheDefaultsWork() throws Exception {
        Answer answer = answer(command("doctor"));
        assertThat(answer.out()).contains("✓ user namespace", "✓ sandbox with the defaults");
        assertThat(answer.out()).contains(" user networks (--network user)", " egress lists (--egress)");
        assertThat(answer.status()).isZero();
    }
}
