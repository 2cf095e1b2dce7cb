// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.NativeProgram;
import dev.hutch.support.Need;
import dev.hutch.support.PlainUser;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JVM itself runs under a filter of Docker's kind. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
@Timeout(120)
class OuterFilterFaultTest extends FaultCase {
    private static StarvedJvm under(String filter) throws Exception {
        return StarvedJvm.start(List.of(NativeProgram.of("outer_filter").toString(), filter));
    }

    @Test
    void whereClone3IsHiddenCloneServes() throws Exception {
        try (StarvedJvm jvm = under("clone3")) {
            assertThat(jvm.ask("run")).isEqualTo("exited");
            jvm.ask("mark");
            assertThat(jvm.ask("run")).isEqualTo("exited");
            assertThat(jvm.ask("look")).isEqualTo("[]");
        }
    }

    /** All of them, made late in part; and the cgroup, which the child joins by itself, is its namespace's root. */
    @Test
    void whereClone3IsHiddenEveryNamespaceIsNewAllTheSame() throws Exception {
        try (StarvedJvm jvm = under("clone3")) {
            String inside = jvm.ask("namespaces");

            assertThat(inside.split(" ")).hasSize(9);
            assertThat(inside).endsWith("0::/");
            for (String own : jvm.ask("own namespaces").split(" (0::.*)?")) {
                assertThat(inside).doesNotContain(own);
            }
        }
    }

    @Test
    @KernelTest({Need.ROOT, Need.CGROUP_ANY})
    void whereClone3IsHiddenLimitsHold() throws Exception {
        try (StarvedJvm jvm = under("clone3")) {
            assertThat(jvm.ask("run limited")).isEqualTo("exited");
            assertThat(jvm.ask("hog")).isEqualTo("out-of-memory");
        }
    }

    @Test
    void oneMoreCommandJoinsWhereClone3IsHidden() throws Exception {
        try (StarvedJvm jvm = under("clone3")) {
            assertThat(jvm.ask("exec")).isEqualTo("joined");
        }
    }

    @Test
    @KernelTest(Need.LANDLOCK)
    void wherePlainContainersAreRefusedLandlockServes() throws Exception {
        // Of root in a container mostly that one right is missing which a container takes.
        List<String> withoutSysAdmin = PlainUser.isRoot()
                ? List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
                : List.of();
        List<String> before =
                new ArrayList<>(List.of(NativeProgram.of("outer_filter").toString(), "docker"));
        before.addAll(withoutSysAdmin);
        try (StarvedJvm jvm = StarvedJvm.start(before)) {
            assertThat(jvm.ask("run")).contains("EPERM");
            assertThat(jvm.ask("landlock")).contains("behind", "Permission denied");
            jvm.ask("mark");
            assertThat(jvm.ask("landlock")).contains("behind", "Permission denied");
            assertThat(jvm.ask("look")).isEqualTo("[]");
        }
    }

    @Test
    void whatDockersFilterRefusesNamesThatFilter() throws Exception {
        try (StarvedJvm jvm = under("docker")) {
            assertThat(jvm.ask("run"))
                    .contains("EPERM", "a seccomp filter around this process", "--isolation landlock")
                    .doesNotContain("AppArmor", "unprivileged_userns_clone");
        }
    }
}
