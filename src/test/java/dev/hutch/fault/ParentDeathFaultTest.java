// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.Rounds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever dies or stops, in whatever order: once the JVM is gone, so is every inmate. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ParentDeathFaultTest {
    private Family family = new Family(List.of(), List.of(), List.of());

    /** The owner's descendants by their place: the zygote, what it cloned, and the programs. */
    private record Family(List<ProcessHandle> zygote, List<ProcessHandle> first, List<ProcessHandle> all) {
        static Family of(ProcessHandle owner) {
            List<ProcessHandle> zygote = owner.children().collect(Collectors.toList());
            List<ProcessHandle> first =
                    zygote.stream().flatMap(ProcessHandle::children).collect(Collectors.toList());
            return new Family(zygote, first, owner.descendants().collect(Collectors.toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "init, none", "init, zygote-stopped", "init, zygote-killed", "init, first-stopped",
        "no-init, none", "no-init, zygote-stopped", "no-init, zygote-killed", "no-init, first-stopped",
        "exec, none", "exec, zygote-stopped", "exec, zygote-killed", "exec, first-stopped",
        "exec-no-init, zygote-stopped"
    })
    void everyInmateDiesWithTheJvm(String kind, String before) throws Exception {
        Process owner = ready(kind);
        try {
            switch (before) {
                case "zygote-stopped" -> signal("-STOP", family.zygote());
                case "zygote-killed" -> signal("-KILL", family.zygote());
                case "first-stopped" -> signal("-STOP", family.first());
                default -> assertThat(before).isEqualTo("none");
            }
        } finally {
            owner.destroyForcibly().waitFor();
        }
        List<ProcessHandle> inmates = new ArrayList<>(family.all());
        inmates.removeAll(family.zygote());
        assertThat(survivors(inmates)).as("inmates after the JVM's death").isEmpty();
        // A stopped process can't end by itself; once it goes on, it must.
        signal("-CONT", family.zygote());
        assertThat(survivors(family.zygote())).as("the zygote").isEmpty();
    }

    /** An owner with all its inmates there, and the family that it has by now. */
    private Process ready(String kind) throws IOException {
        Process owner = OtherJvm.start(List.of(), SandboxOwner.class, kind);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); !"ready".equals(line); line = lines.readLine()) {
            assertThat(line).as("the owner lives").isNotNull();
        }
        family = Family.of(owner.toHandle());
        assertThat(family.all()).as("zygote, and a pair for each of three").hasSizeGreaterThanOrEqualTo(4);
        return owner;
    }

    /** Their guard ends them, and what they left. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "zygote-stopped", "zygote-killed", "first-stopped"})
    @KernelTest(Need.LANDLOCK)
    void everyInmateBehindLandlockDiesToo(String before) throws Exception {
        everyInmateDiesWithTheJvm("landlock", before);
    }

    @Test
    @KernelTest(Need.LANDLOCK)
    void atAnyMomentOfALaunchBehindLandlockToo() throws Exception {
        atAnyMomentOfALaunchToo("landlock");
    }

    /** The freezer of cgroup v1 keeps SIGKILL from them: the zygote lets them go on. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "zygote-stopped"})
    @KernelTest(Need.CGROUP_ANY)
    void everyInmateThatIsPausedDiesToo(String before) throws Exception {
        everyInmateDiesWithTheJvm("paused", before);
    }

    /** The JVM, which lives, lets them go on to their end. */
    @Test
    @KernelTest(Need.CGROUP_ANY)
    void everyInmateThatIsPausedDiesWithTheZygote() throws Exception {
        Process owner = ready("paused");
        try {
            signal("-KILL", family.zygote());
            assertThat(survivors(family.all())).as("after the zygote's death").isEmpty();
            assertThat(owner.isAlive()).as("the JVM").isTrue();
        } finally {
            owner.destroyForcibly().waitFor();
        }
    }

    /** Their cgroup ends them. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "zygote-stopped", "zygote-killed", "first-stopped"})
    @KernelTest(Need.CGROUP_ANY)
    void everyInmateInTheHostsPidNamespaceDiesToo(String before) throws Exception {
        everyInmateDiesWithTheJvm("pid-host", before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "zygote-killed"})
    @KernelTest(Need.CGROUP_ANY)
    void whoJoinedInTheHostsPidNamespaceDiesToo(String before) throws Exception {
        everyInmateDiesWithTheJvm("exec-pid-host", before);
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void atAnyMomentOfALaunchInTheHostsPidNamespaceToo() throws Exception {
        atAnyMomentOfALaunchToo("pid-host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "no-init", "exec"})
    void atAnyMomentOfALaunchToo(String kind) throws Exception {
        for (int i = 0; i < Rounds.of(20); i++) {
            Process owner = OtherJvm.start(List.of(), SandboxOwner.class, kind, "for-ever");
            try {
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8));
                assertThat(lines.readLine()).isEqualTo("launching");
                Thread.sleep(ThreadLocalRandom.current().nextLong(500));
                family = Family.of(owner.toHandle());
            } finally {
                owner.destroyForcibly().waitFor();
            }
            assertThat(survivors(family.all()))
                    .as("processes after the JVM's death")
                    .isEmpty();
            assertThat(inmates()).as("programs of any launch").isEmpty();
        }
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }

    /** Those that still run when there was time to die; a zombie that nobody reaps is dead. */
    private static List<String> survivors(List<ProcessHandle> processes) throws InterruptedException {
        List<String> alive = List.of();
        for (int i = 0; i < 500; i++) {
            alive = processes.stream()
                    .map(ParentDeathFaultTest::living)
                    .filter(text -> !text.isEmpty())
                    .toList();
            if (alive.isEmpty()) {
                break;
            }
            Thread.sleep(20);
        }
        return alive;
    }

    private static String living(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return process.isAlive() && !stat.contains(") Z ") ? stat : "";
        } catch (IOException gone) {
            return "";
        }
    }

    /** Programs that were cloned after the list of descendants had been taken. */
    private static List<String> inmates() throws InterruptedException {
        List<ProcessHandle> probes = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").matches("\\S*inside\\S* ignore-signals"))
                .toList();
        return survivors(probes);
    }
}
