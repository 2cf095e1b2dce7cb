// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LiveSet;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What broke libraries that run processes, a test for each; ETXTBSY is in {@link LessonsKernelTest}. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ApiLessonsKernelTest extends SandboxCase {
    private static final int AT_ONCE = 64;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void output_caps_aGibibyteNeitherFillsTheHeapNorHoldsTheProgramUp() throws Exception {
        long bytes = Rounds.of(1024) * MEBIBYTE;
        long before = LiveSet.bytes();

        SandboxResult result = sandbox()
                .build()
                .run(Command.builder("/usr/bin/head", "-c", Long.toString(bytes), "/dev/zero")
                        .capture(Size.mebibytes(1))
                        .build());

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.stdout().total()).isEqualTo(bytes);
        assertThat(LiveSet.bytes() - before).isLessThan(4 * MEBIBYTE);
        assertThat(result.stdout().bytes()).hasSizeLessThanOrEqualTo((int) MEBIBYTE);
    }

    @Test
    void stragglers_whatACommandLeavesBehindDiesWithIt() throws Exception {
        String script =
                "mkfifo /tmp/up; (setsid " + PROBE + " ignore-signals > /tmp/up &); read line < /tmp/up; exit 3";

        try (SandboxProcess process = probed().build().start("/bin/sh", "-c", script)) {
            assertThat(process.result().outcome()).isEqualTo(new Outcome.Exited(3));
            assertThat(ProcessHandle.current().descendants())
                    .noneMatch(left -> left.info().commandLine().orElse("").startsWith(PROBE));
        }
    }

    @Test
    void held_pipes_aGrandchildWithTheOutputKeepsNeitherResultNorReaderWaiting() throws Exception {
        String script = "(setsid sleep 1000 &); echo done";

        assertThat(output(sandbox().build(), "/bin/sh", "-c", script)).isEqualTo("done\n");
        try (SandboxProcess process = sandbox().build().start("/bin/sh", "-c", script)) {
            assertThat(process.getInputStream().readAllBytes()).isEqualTo("done\n".getBytes(StandardCharsets.UTF_8));
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void oom_isToldApartFromAKillFromATimeOutAndFromAChildsEnd() throws Exception {
        Sandbox box = probed().memory(Size.mebibytes(16)).build();

        assertThat(box.run(PROBE, "memhog", "50000000").outcome()).isEqualTo(new Outcome.OutOfMemory());
        assertThat(box.run("/bin/sh", "-c", "kill -9 $$").outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
        assertThat(box.toBuilder()
                        .wallTime(Duration.ofMillis(20))
                        .build()
                        .run("/bin/sleep", "1000")
                        .outcome())
                .isEqualTo(new Outcome.Timeout());
        SandboxResult childs = box.run("/bin/sh", "-c", PROBE + " memhog 50000000; exit 5");
        assertThat(childs.outcome()).isEqualTo(new Outcome.Exited(5));
        assertThat(childs.account().oomKills()).isPositive();
    }

    /** The orphan has used about a second of it when RLIMIT_CPU ends it; its end closes the pipe. */
    @Test
    @KernelTest(Need.CGROUP_ANY)
    void cpu_time_isThatOfTheTreeWithOrphansAndKilledOnes() throws Exception {
        String script = "mkfifo /tmp/up; ((ulimit -t 1; while :; do :; done) > /tmp/up &); cat /tmp/up";

        assertThat(sandbox().build().run("/bin/sh", "-c", script).account().cpu())
                .isBetween(Duration.ofMillis(500), Duration.ofSeconds(3));
    }

    @Test
    void symlinks_in_outputs_noneIsFollowed(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Command plant =
                Command.shell("ln -s " + secret + " a.txt; ln -s / b; mkfifo c.txt; echo fine > d.txt").toBuilder()
                        .collect("**/*.txt", Size.mebibytes(1))
                        .build();

        SandboxResult result = sandbox().build().run(plant);

        assertThat(result.files().paths()).containsExactly("d.txt");
        assertThat(result.files().leftOut()).extracting("path").contains("a.txt", "c.txt");
    }

    @Test
    void fds_crossing_launches_eachOfManyAtOnceHasItsOwnThree() throws Exception {
        Sandbox box = probed().build();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Callable<List<Integer>>> launches = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                launches.add(() -> Inside.parse(box.run(PROBE, "report").out()).descriptors());
            }
            for (Future<List<Integer>> launch : threads.invokeAll(launches)) {
                assertThat(launch.get()).containsExactly(0, 1, 2);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void cve_2022_29162_execLeavesNoInheritableCapability() throws Exception {
        try (SandboxProcess first = probed().build().start(PROBE, "wait")) {
            Inside seen = reportOf(first);
            assertThat(seen.mask("CapInh")).isZero();
            assertThat(seen.mask("CapAmb")).isZero();
            assertThat(seen.descriptors()).containsExactly(0, 1, 2);
        }
    }

    @Test
    void cve_2019_5736_execOffersNoProgramOfTheHostsForWriting() throws Exception {
        String script = "echo ready; while [ ! -e /tmp/stop ]; do for exe in /proc/[0-9]*/exe; do"
                + " (: >> $exe) 2>/dev/null && echo opened $exe $(readlink $exe); done; done";
        whileExecGoesOn("/bin/sh", "-c", script);
    }

    /** A look that began before execve and ended after it is not told from one at the program itself: so few are missed. */
    @Test
    @KernelTest(Need.PYTHON)
    void cve_2016_9962_whoJoinsCannotBeTracedBeforeItsProgramRuns() throws Exception {
        String script = """
                import os
                print("ready", flush=True)
                while not os.path.exists("/tmp/stop"):
                    for pid in filter(str.isdigit, os.listdir("/proc")):
                        try:
                            os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR))
                            os.listdir(f"/proc/{pid}/fd")
                            name = open(f"/proc/{pid}/comm").read()
                        except OSError:
                            continue
                        if name.startswith("hutch"):
                            print("traced", pid, flush=True)
                """;
        whileExecGoesOn("/usr/bin/python3", "-c", script);
    }

    /** Prints nothing but that it is ready, whatever it tries meanwhile. */
    private static void whileExecGoesOn(String... attacker) throws Exception {
        try (SandboxProcess first = sandbox().build().start(attacker)) {
            awaitLine(first, "ready");
            for (int i = 0; i < Rounds.of(20); i++) {
                try (SandboxProcess second = first.exec("/bin/true")) {
                    assertThat(second.waitFor()).isZero();
                }
            }
            try (SandboxProcess stop = first.exec("/usr/bin/touch", "/tmp/stop")) {
                assertThat(stop.waitFor()).isZero();
            }
            assertThat(first.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .isEmpty();
        }
    }

    private static Inside reportOf(SandboxProcess first) throws Exception {
        try (SandboxProcess second = first.exec(PROBE, "report")) {
            return Inside.parse(new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
