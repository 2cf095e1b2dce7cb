// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.StagedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM that sits in its own delegated cgroup, as in a pod or a systemd scope: version 2 lets it divide none of it. */
@KernelTest({Need.ROOT, Need.PLAIN_USER, Need.USER_NAMESPACES, Need.CGROUP_V2})
class OwnCgroupKernelTest {
    private static StagedJvm jvm;
    private final Path pod = CgroupMachine.here().v2().orElseThrow().resolve("pod-of-tests");

    @BeforeAll
    static void stage() throws IOException {
        jvm = StagedJvm.make();
    }

    @AfterAll
    static void remove() throws IOException {
        jvm.close();
    }

    @BeforeEach
    void delegate() throws IOException {
        Files.createDirectory(pod);
        for (String file : List.of(".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads")) {
            Files.setAttribute(pod.resolve(file), "unix:uid", StagedJvm.UID);
        }
    }

    @AfterEach
    void removeIt() throws Exception {
        List<Path> folders = new ArrayList<>();
        try (var all = Files.walk(pod)) {
            all.filter(Files::isDirectory).forEach(folder -> folders.add(0, folder));
        }
        for (Path folder : folders) {
            Files.delete(folder);
        }
    }

    private List<String> inItsOwnCgroup(boolean plain, boolean mayMove) throws Exception {
        return inItsOwnCgroup(plain, jvm.java(LeafOwner.class, Boolean.toString(mayMove)));
    }

    private List<String> inItsOwnCgroup(boolean plain, List<String> java) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-ec", "echo $$ >\"$0\"; exec \"$@\""));
        command.add(pod.resolve("cgroup.procs").toString());
        command.addAll(plain ? StagedJvm.asPlainUser(java) : java);
        Process process = jvm.builder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ebusyIsToldWithItsCure(boolean plain) throws Exception {
        assertThat(inItsOwnCgroup(plain, false))
                .singleElement()
                .asString()
                .contains("EBUSY")
                .contains("processes run there")
                .contains("moved into a leaf");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onRequestTheJvmMovesIntoALeafAndLimitsHold(boolean plain) throws Exception {
        List<String> said = inItsOwnCgroup(plain, true);

        assertThat(said.get(0)).isEqualTo("67108864");
        assertThat(said.get(1)).matches("0::/pod-of-tests/hutch/jvm-[^/]*/self");
    }

    @Test
    void soDoesTheCommandLine() throws Exception {
        List<String> java = jvm.java(
                Main.class,
                "run",
                "--cgroup-parent",
                "self",
                "--move-into-leaf",
                "--memory",
                "64m",
                "cat",
                "/sys/fs/cgroup/memory.max");

        assertThat(inItsOwnCgroup(true, java)).containsExactly("67108864");
    }
}
