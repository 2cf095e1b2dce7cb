// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where a rule of the host's forbids a plain user namespaces, the error and the doctor name that one. */
@KernelTest({Need.ROOT, Need.PLAIN_USER, Need.USER_NAMESPACES})
class RefusedNamespacesKernelTest {
    private static StagedJvm jvm;

    private record Answer(int status, String said) {}

    @BeforeAll
    static void stage() throws IOException {
        jvm = StagedJvm.make();
    }

    @AfterAll
    static void remove() throws IOException {
        jvm.close();
    }

    private static Answer hutch(List<String> around, String... words) throws Exception {
        List<String> command = new ArrayList<>(around);
        command.addAll(StagedJvm.asPlainUser(jvm.java(Main.class, words)));
        Process process = jvm.builder(command).redirectErrorStream(true).start();
        if (!around.isEmpty()) {
            mapAllIds(process);
        }
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), said);
    }

    /** Once it is in its user namespace; it goes on then. */
    private static void mapAllIds(Process process) throws Exception {
        Path proc = Path.of("/proc/" + process.pid());
        Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
        while (Files.readSymbolicLink(proc.resolve("ns/user")).equals(own)) {
            Thread.sleep(1);
        }
        Files.writeString(proc.resolve("uid_map"), "0 0 65536");
        Files.writeString(proc.resolve("gid_map"), "0 0 65536");
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** The sysctl is the user namespace's own: one around the test has it, and the host keeps its. */
    @Test
    void aLimitOfZeroIsTold() throws Exception {
        // What is executed as root of the namespace, once its ids are mapped, has the rights.
        String script = "echo 0 >/proc/sys/user/max_user_namespaces; exec \"$@\"";
        List<String> around =
                List.of("unshare", "--user", "sh", "-ec", "read go; exec sh -ec '" + script + "' sh \"$@\"", "sh");

        Answer run = hutch(around, "run", "--", "true");
        assertThat(run.status()).as(run.said()).isEqualTo(125);
        assertThat(run.said()).contains("ENOSPC").contains("user.max_*_namespaces");
        Answer doctor = hutch(around, "doctor");
        assertThat(doctor.said())
                .contains("sysctl -w user.max_user_namespaces=")
                .contains("✗ sandbox with the defaults: clone3")
                .endsWith("hutch run does not work here yet\n");
        assertThat(doctor.status()).isEqualTo(1);
    }

    /** Debian's switch is the whole host's. */
    @Test
    @KernelTest({Need.ROOT, Need.GUEST, Need.DEBIAN_SYSCTL})
    void debiansSwitchIsTold() throws Exception {
        Path sysctl = Path.of("/proc/sys/kernel/unprivileged_userns_clone");
        Files.writeString(sysctl, "0");
        try {
            Answer run = hutch(List.of(), "run", "--", "true");
            assertThat(run.status()).as(run.said()).isEqualTo(125);
            assertThat(run.said()).contains("EPERM").contains("sysctl -w kernel.unprivileged_userns_clone=1");
            Answer doctor = hutch(List.of(), "doctor");
            assertThat(doctor.said()).contains("sysctl -w kernel.unprivileged_userns_clone=1");
            assertThat(doctor.status()).isEqualTo(1);
        } finally {
            Files.writeString(sysctl, "1");
        }
    }
}
