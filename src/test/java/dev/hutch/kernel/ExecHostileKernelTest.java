// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Command;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.User;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import dev.hutch.testing.FakeSandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the inmates of a container can do to a command that joins, and what broke other runtimes there. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ExecHostileKernelTest extends SandboxCase {
    private static final int JOINS = 60;

    /** An inmate that looks at every newcomer, as fast as it can, finds nothing of whoever made it. */
    private static void findsNothing(Sandbox box) throws Exception {
        try (SandboxProcess stalker = box.start(PROBE, "stalk")) {
            awaitLine(stalker, "ready");
            for (int i = 0; i < JOINS; i++) {
                try (SandboxProcess joined = stalker.exec(PROBE, "exit", "3")) {
                    assertThat(joined.waitFor()).isEqualTo(3);
                }
            }
            stalker.getOutputStream().close();
            String findings = text(stalker);
            assertThat(findings).doesNotContain("found=");
            assertThat(Inside.parse(findings).number("met"))
                    .as("it was fast enough to meet some")
                    .isPositive();
        }
    }

    @Test
    void cve_2016_9962_whoJoinsCannotBeTracedNorItsDescriptorsOpened() throws Exception {
        findsNothing(probed().allow(Allow.PTRACE).build());
    }

    @Test
    void cve_2016_9962_norByRootInsideWithEveryRightToTrace() throws Exception {
        findsNothing(probed().user(User.of(0))
                .capabilities(Set.of(Capability.SYS_PTRACE, Capability.DAC_OVERRIDE, Capability.KILL))
                .allow(Allow.PTRACE)
                .build());
    }

    @Test
    void cve_2016_9962_norByAnInmateThatIsPid1() throws Exception {
        findsNothing(probed().init(false).allow(Allow.PTRACE).build());
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void cve_2016_9962_norInTheHostsPidNamespace() throws Exception {
        findsNothing(probed().hostNamespace(Namespace.PID).allow(Allow.PTRACE).build());
    }

    @Test
    void cve_2019_5736_theRuntimesProgramCannotBeOpenedForWritingByWhoJoins() throws Exception {
        try (SandboxProcess first = probed().user(User.of(0)).build().start("sleep", "1000")) {
            Inside answers = attempt(first, "write_init_program", "write:/proc/self/exe", "read:/proc/1/exe");

            assertThat(answers.answer("write_init_program")).isIn("EACCES", "EPERM", "ETXTBSY", "ENOENT");
            assertThat(answers.answer("write:/proc/self/exe")).isIn("ETXTBSY", "EROFS", "EACCES");
            assertThat(answers.answer("read:/proc/1/exe")).isIn("EACCES", "EPERM", "ENOENT");
        }
    }

    @Test
    void cve_2024_21626_whoJoinsHasThreeDescriptorsAndADirectoryInTheRoot() throws Exception {
        try (SandboxProcess first = probed().build().start("sleep", "1000")) {
            Inside seen = Inside.parse(output(first, PROBE, "report"));

            assertThat(seen.descriptors()).containsExactly(0, 1, 2);
            assertThat(seen.text("cwd")).isEqualTo("/home/user");
            assertThatThrownBy(() -> Command.builder("true").directory(Path.of("/proc/self/fd/7")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void cve_2024_21626_aPlantedLinkForADirectoryLeadsNowhere() throws Exception {
        String plant =
                "ln -s /proc/1/root /tmp/out; ln -s /proc/self/fd /tmp/fds; ln -s ../../../.. /tmp/up; echo ready; cat";
        try (SandboxProcess first = sandbox().build().start("/bin/sh", "-c", plant)) {
            awaitLine(first, "ready");

            assertThatThrownBy(() -> first.exec(in("/tmp/out"))).hasMessageContaining("chdir /tmp/out");
            assertThatThrownBy(() -> first.exec(in("/tmp/fds/6"))).hasMessageContaining("chdir");
            try (SandboxProcess up = first.exec(in("/tmp/up"))) {
                assertThat(text(up)).isEqualTo("/\n");
            }
        }
    }

    private static Command in(String directory) {
        return Command.builder("/bin/pwd").directory(Path.of(directory)).build();
    }

    @Test
    void cve_2022_29162_whoJoinsHasNoInheritableCapability() throws Exception {
        for (long uid : new long[] {1000, 0}) {
            try (SandboxProcess first = probed().user(User.of(uid)).build().start("sleep", "1000")) {
                Inside seen = Inside.parse(output(first, PROBE, "report"));
                assertThat(seen.mask("CapInh")).isZero();
                assertThat(seen.mask("CapAmb")).isZero();
                assertThat(seen.mask("CapBnd")).isZero();
            }
        }
    }

    @Test
    void cve_2022_31214_nobodyJoinsWhatIsNoContainerOfOurs() throws Exception {
        SandboxProcess fake = FakeSandbox.hanging().sandbox().start("x");

        assertThatThrownBy(() -> fake.exec("true")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void filter_within_reach_whoJoinsRunsFilteredAlsoWhenTheFilterIsNotTheDefault() throws Exception {
        Sandbox box = probed().allow(Allow.PTRACE).build();
        try (SandboxProcess first = box.start("sleep", "1000")) {
            assertThat(attempt(first, "ptrace_traceme", "unshare_user_and_mount")
                            .values())
                    .isEqualTo(attempt(box, "ptrace_traceme", "unshare_user_and_mount")
                            .values());
        }
    }

    @Test
    void keyrings_whoJoinsFindsNoKeyOfTheCallers() throws Exception {
        String serial = Tool.run(Inside.program().toString(), "hold-key", "hutch-exec-secret")
                .strip();
        try (SandboxProcess first = probed().allow(Allow.KEYRING).build().start("sleep", "1000")) {
            Inside answers = attempt(first, "key-find:hutch-exec-secret", "key-read:" + serial);

            assertThat(answers.answer("key-find:hutch-exec-secret")).isIn("ENOKEY", "EACCES");
            assertThat(answers.answer("key-read:" + serial)).isIn("ENOKEY", "EACCES", "EPERM");
        } finally {
            Tool.run(Inside.program().toString(), "drop-key", serial);
        }
    }

    private static Inside attempt(SandboxProcess first, String... deeds) throws Exception {
        String[] command = new String[deeds.length + 2];
        command[0] = PROBE;
        command[1] = "try";
        System.arraycopy(deeds, 0, command, 2, deeds.length);
        return Inside.parse(output(first, command));
    }

    private static String output(SandboxProcess first, String... command) throws Exception {
        try (SandboxProcess joined = first.exec(command)) {
            String text = text(joined);
            assertThat(joined.waitFor()).isZero();
            return text;
        }
    }

    private static String text(SandboxProcess process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
