// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Podman;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of docs/containers-in-containers.md: each of its rows, in podman as the outer container. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.PODMAN, Need.PLAIN_USER})
class InPodmanKernelTest {
    private static final String OPEN = "--security-opt seccomp=unconfined";
    private static final String UNMASKED = "--security-opt unmask=ALL";

    private static Podman roots;
    private static Podman rootless;
    private static Podman crun;

    @BeforeAll
    static void make() throws IOException {
        roots = Podman.make(false, Podman.Runtime.RUNC);
        rootless = Podman.make(true, Podman.Runtime.RUNC);
        crun = Podman.make(false, Podman.Runtime.CRUN);
    }

    @AfterAll
    static void remove() throws IOException {
        roots.close();
        rootless.close();
        crun.close();
    }

    private static List<String> switches(String words, int user) {
        List<String> all = new ArrayList<>(Podman.switches(words));
        all.addAll(List.of("--user", user + ":" + user));
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        OPEN + " " + UNMASKED + ", 0",
        OPEN + " " + UNMASKED + ", 1000",
        OPEN + " " + UNMASKED + " --cap-drop ALL, 1000",
        "--cap-add SYS_ADMIN, 0",
        "--cap-add SYS_ADMIN " + UNMASKED + ", 0",
        "--cap-add SYS_ADMIN " + UNMASKED + ", 1000",
        "--privileged, 0",
        "--privileged, 1000"
    })
    void withTheseSwitchesASandboxRuns(String switches, int user) throws Exception {
        for (Podman podman : List.of(roots, rootless)) {
            Podman.Answer answer =
                    podman.run(switches(switches, user), Main.class, "run", "--", "sh", "-c", "id -u >/dev/stdout");

            assertThat(answer.status()).as(answer.said()).isZero();
            assertThat(answer.said().lines()).as(answer.said()).contains("1000");
        }
    }

    /** What it masks and filters by default is not quite what runc does. */
    @ParameterizedTest
    @CsvSource({
        "'', 0, seccomp=unconfined",
        OPEN + ", 1000, systempaths=unconfined",
        OPEN + " " + UNMASKED + ", 0, ''",
        OPEN + " " + UNMASKED + ", 1000, ''",
        "--cap-add SYS_ADMIN, 0, ''"
    })
    @KernelTest(Need.CRUN)
    void withAnotherRuntimeTheTableIsTheSame(String switches, int user, String missing) throws Exception {
        Podman.Answer answer = crun.run(switches(switches, user), Main.class, "run", "--", "true");

        assertThat(answer.status()).as(answer.said()).isEqualTo(missing.isEmpty() ? 0 : 125);
        assertThat(answer.said()).contains(missing);
    }

    /** The one missing thing is named, by the error and by the doctor. */
    @ParameterizedTest
    @CsvSource({
        "'', 0, seccomp=unconfined, no seccomp filter around",
        "'', 1000, seccomp=unconfined, no seccomp filter around",
        UNMASKED + ", 0, seccomp=unconfined, no seccomp filter around",
        UNMASKED + ", 1000, seccomp=unconfined, no seccomp filter around",
        OPEN + ", 0, systempaths=unconfined, /proc without masks",
        OPEN + ", 1000, systempaths=unconfined, /proc without masks",
        "--cap-add SYS_ADMIN, 1000, systempaths=unconfined, /proc without masks",
        OPEN + " " + UNMASKED + " --cap-drop ALL, 0, runAsUser, ids for sandboxes"
    })
    void withoutThemTheMissingSwitchIsNamed(String switches, int user, String cure, String finding) throws Exception {
        for (Podman podman : List.of(roots, rootless)) {
            Podman.Answer answer = podman.run(switches(switches, user), Main.class, "run", "--", "true");
            assertThat(answer.status()).as(answer.said()).isEqualTo(125);
            assertThat(answer.said()).contains(cure);

            String told =
                    podman.run(switches(switches, user), Main.class, "doctor").said();
            assertThat(told.lines().filter(line -> line.contains(finding)))
                    .as(told)
                    .singleElement()
                    .asString()
                    .contains("✗");
            assertThat(told).contains(cure);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, --privileged, 0, true",
        "false, --privileged, 1000, false",
        "false, --cap-add SYS_ADMIN, 0, false",
        "true, --privileged, 0, false"
    })
    @KernelTest(Need.CGROUP_V1)
    void limitsHoldWhereTheCgroupsCanBeWritten(boolean plainUsers, String switches, int user, boolean enforced)
            throws Exception {
        Podman podman = plainUsers ? rootless : roots;
        Podman.Answer answer = podman.run(switches(switches, user), Main.class, "run", "--memory", "64m", "--", "true");

        assertThat(answer.status()).as(answer.said()).isEqualTo(enforced ? 0 : 125);
        if (!enforced) {
            assertThat(answer.said()).contains("limit memory to 67108864");
        }
    }
}
