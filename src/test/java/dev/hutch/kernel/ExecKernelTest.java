// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Signal;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.support.HostState;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One more command in a container that runs stands behind the same walls as the first. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ExecKernelTest extends SandboxCase {
    private static final List<String> NAMESPACES = List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time");
    private static final List<String> WALLS = List.of(
            "Uid",
            "Gid",
            "Groups",
            "CapInh",
            "CapPrm",
            "CapEff",
            "CapBnd",
            "CapAmb",
            "NoNewPrivs",
            "Seccomp",
            "Seccomp_filters",
            "SigBlk",
            "SigIgn");

    private static final String READER = "echo ready; read end";

    static Stream<Sandbox> sandboxes() {
        return Stream.of(
                sandbox().build(),
                sandbox().init(false).build(),
                sandbox()
                        .timeOffsets(new TimeOffsets(Duration.ofDays(3), Duration.ZERO))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("sandboxes")
    void itIsWhereTheFirstCommandIsAndMayNoMore(Sandbox box) throws Exception {
        try (SandboxProcess first = box.start("/bin/sh", "-c", READER);
                SandboxProcess second = first.exec("/bin/sh", "-c", READER)) {
            awaitLine(first, "ready");
            awaitLine(second, "ready");

            for (String kind : NAMESPACES) {
                assertThat(namespace(second.pid(), kind)).as(kind).isEqualTo(namespace(first.pid(), kind));
            }
            assertThat(walls(second.pid())).isEqualTo(walls(first.pid()));
            for (String file : List.of("cgroup", "limits", "oom_score_adj", "uid_map", "mountinfo")) {
                assertThat(proc(second.pid(), file)).as(file).isEqualTo(proc(first.pid(), file));
            }
            assertThat(proc(second.pid(), "stat").split(" ")[6])
                    .as("no controlling terminal")
                    .isEqualTo("0");
            second.getOutputStream().close();
            assertThat(second.waitFor()).isEqualTo(1);
            assertThat(second.result().account().wall()).isLessThan(Duration.ofHours(1));
            assertThat(first.isAlive()).isTrue();
        }
    }

    private static TreeMap<String, String> walls(long pid) throws IOException {
        TreeMap<String, String> walls = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            String field = line.substring(0, line.indexOf(':'));
            if (WALLS.contains(field)) {
                walls.put(field, line.substring(line.indexOf(':') + 1).strip());
            }
        }
        assertThat(walls).hasSizeGreaterThan(10);
        return walls;
    }

    private static String proc(long pid, String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), file));
    }

    @Test
    void streamsFolderEnvironmentAndExitAreItsOwn() throws Exception {
        try (SandboxProcess first = sandbox().build().start("sleep", "1000")) {
            Command command = Command.builder("/bin/sh", "-c", "read line; echo $line $NAME $PWD; echo no >&2; exit 7")
                    .environment("NAME", "value")
                    .directory(Path.of("/tmp"))
                    .build();
            try (SandboxProcess second = first.exec(command)) {
                second.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
                second.getOutputStream().close();
                assertThat(text(second)).isEqualTo("hello value /tmp\n");
                assertThat(new String(second.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("no\n");
                assertThat(second.result().outcome()).isEqualTo(new Outcome.Exited(7));
            }
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void theFirstCommandsEndIsTheEndOfAll() throws Exception {
        try (SandboxProcess first = sandbox().build().start("cat");
                SandboxProcess second = first.exec("sleep", "1000")) {
            first.getOutputStream().close();
            assertThat(first.waitFor()).isZero();
            assertThat(second.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
            assertThatThrownBy(() -> first.exec("true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void endingItEndsNothingElse() throws Exception {
        try (SandboxProcess first = sandbox().build().start("sleep", "1000")) {
            SandboxProcess second = first.exec("/bin/sh", "-c", "sleep 1000 & echo ready; wait");
            awaitLine(second, "ready");
            second.close();

            assertThat(second.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
            try (SandboxProcess third = first.exec("ps", "-eo", "args=")) {
                assertThat(text(third)).contains("sleep 1000\n");
            }
        }
    }

    @Test
    void twoHundredInARowLeaveNothingInsideNorOutside() throws Exception {
        try (SandboxProcess first = sandbox().build().start("sleep", "1000")) {
            run(first, "true");
            HostState between = HostState.now();
            for (int i = 0; i < 200; i++) {
                run(first, "true");
            }
            assertThat(between.leftovers()).isEmpty();
            try (SandboxProcess inside = first.exec("ps", "-eo", "args=")) {
                assertThat(text(inside).lines().skip(1)).containsExactly("sleep 1000", "ps -eo args=");
            }
        }
    }

    private static void run(SandboxProcess first, String... command) throws Exception {
        try (SandboxProcess process = first.exec(command)) {
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void whileItIsPausedNobodyJoinsAndOneThatIsEndedLeavesItPaused() throws Exception {
        try (SandboxProcess first = sandbox().build().start("/bin/sh", "-c", "echo ready; while :; do :; done")) {
            awaitLine(first, "ready");
            SandboxProcess second = first.exec("sleep", "1000");
            first.pause();
            assertThatThrownBy(() -> first.exec("true")).hasMessageContaining("resume it first");

            second.close();

            assertThat(second.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
            awaitStandstill(first);
            first.resume();
            run(first, "true");
        }
    }

    /** Version 1 takes its time to stop all. */
    private static void awaitStandstill(SandboxProcess process) throws Exception {
        Duration before;
        do {
            before = process.usage().cpu().orElseThrow();
            Thread.sleep(50);
        } while (!process.usage().cpu().orElseThrow().equals(before));
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void inTheHostsPidNamespaceToo() throws Exception {
        try (SandboxProcess first =
                sandbox().hostNamespace(Namespace.PID).build().start("/bin/sh", "-c", READER)) {
            try (SandboxProcess second = first.exec("/bin/sh", "-c", "sleep 1000 & " + READER)) {
                awaitLine(first, "ready");
                awaitLine(second, "ready");
                assertThat(namespace(second.pid(), "mnt")).isEqualTo(namespace(first.pid(), "mnt"));
                assertThat(walls(second.pid())).isEqualTo(walls(first.pid()));
            }
            assertThat(first.isAlive()).isTrue();
            run(first, "true");
        }
    }

    @Test
    void everyCallIsAnsweredAsTheFirstCommands() throws Exception {
        Sandbox box = probed().build();
        String own = output(box, PROBE, "try-all-calls");
        try (SandboxProcess first = box.start("sleep", "1000");
                SandboxProcess second = first.exec(PROBE, "try-all-calls")) {
            assertThat(text(second)).isEqualTo(own);
        }
    }

    @Test
    void aMissingProgramIsAFailureToStart() throws Exception {
        try (SandboxProcess first = sandbox().build().start("sleep", "1000")) {
            assertThatThrownBy(() -> first.exec("/no/such")).hasMessageContaining("execve /no/such: ENOENT");
            assertThat(first.isAlive()).isTrue();
        }
    }

    private static String text(SandboxProcess process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
