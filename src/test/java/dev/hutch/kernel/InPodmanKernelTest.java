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

    @BeforeAll
    static void make() throws IOException {
        roots = Podman.make(false);
        rootless = Podman.make(true);
    }

    @AfterAll
    static void remove() throws IOException {
        roots.close();
        rootless.close();
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
        "--cap-add SYS_ADMIN, 0",
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
    @CsvSource({"--privileged, true", "--cap-add SYS_ADMIN, false"})
    @KernelTest(Need.CGROUP_V1)
    void limitsHoldWhereTheCgroupsCanBeWritten(String switches, boolean enforced) throws Exception {
        Podman.Answer answer = roots.run(switches(switches, 0), Main.class, "run", "--memory", "64m", "--", "true");

        assertThat(answer.status()).as(answer.said()).isEqualTo(enforced ? 0 : 125);
        if (!enforced) {
            assertThat(answer.said()).contains("limit memory to 67108864");
        }
    }
}
