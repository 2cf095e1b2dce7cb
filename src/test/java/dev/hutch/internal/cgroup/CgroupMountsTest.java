// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {
    private static final String HYBRID = """
            22 1 0:21 / /proc rw - proc proc rw
            30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
            34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
            40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
            """;
    private static final String HYBRID_OWN = """
            9:name=systemd:/user.slice
            4:memory:/service/a:b
            1:cpu,cpuacct:/
            0::/user.slice/session
            """;

    @Test
    void hybridHasControllersOnVersionOneAndTheUnifiedHierarchyBeside() {
        CgroupMounts mounts = CgroupMounts.parse(HYBRID, HYBRID_OWN);
        assertThat(mounts.version()).isEqualTo(CgroupVersion.HYBRID);
        assertThat(mounts.v1().keySet()).containsExactlyInAnyOrder("cpu", "cpuacct", "memory");
        assertThat(mounts.unified().orElseThrow().own()).isEqualTo("/sys/fs/cgroup/unified/user.slice/session");
    }

    @Test
    void controllersThatAreMountedTogetherShareAHierarchy() {
        CgroupMounts mounts = CgroupMounts.parse(HYBRID, HYBRID_OWN);
        assertThat(mounts.v1().get("cpu")).isEqualTo(mounts.v1().get("cpuacct"));
        assertThat(mounts.v1().get("cpu").controllers()).isEqualTo(Set.of("cpu", "cpuacct"));
    }

    @Test
    void theJvmsOwnCgroupIsKnownInEachHierarchy() {
        CgroupMounts mounts = CgroupMounts.parse(HYBRID, HYBRID_OWN);
        assertThat(mounts.v1().get("memory").own()).isEqualTo("/sys/fs/cgroup/memory/service/a:b");
        assertThat(mounts.v1().get("cpu").own()).isEqualTo("/sys/fs/cgroup/cpu,cpuacct");
    }

    @Test
    void pureVersionTwoIsTold() {
        CgroupMounts mounts =
                CgroupMounts.parse("29 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n", "0::/a/b\n");
        assertThat(mounts.version()).isEqualTo(CgroupVersion.V2);
        assertThat(mounts.unified().orElseThrow().own()).isEqualTo("/sys/fs/cgroup/a/b");
    }

    @Test
    void pureVersionOneAndNothingAtAllAreTold() {
        String memory = "31 30 0:28 / /cg rw - cgroup cgroup rw,memory\n";
        assertThat(CgroupMounts.parse(memory, "1:memory:/\n").version()).isEqualTo(CgroupVersion.V1);
        assertThat(CgroupMounts.parse("22 1 0:21 / /proc rw - proc proc rw\n", "")
                        .version())
                .isEqualTo(CgroupVersion.NONE);
    }

    @Test
    void aMountThatShowsOnlyASubtreeIsTakenOffTheOwnPath() {
        String mountinfo = "31 30 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        assertThat(CgroupMounts.parse(mountinfo, "4:memory:/docker/abc/x\n")
                        .v1()
                        .get("memory")
                        .own())
                .isEqualTo("/sys/fs/cgroup/memory/x");
        assertThat(CgroupMounts.parse(mountinfo, "4:memory:/docker/abc\n")
                        .v1()
                        .get("memory")
                        .own())
                .isEqualTo("/sys/fs/cgroup/memory");
    }

    @Test
    void anOwnCgroupOutOfSightIsTakenForTheMountPoint() {
        String mountinfo = "29 22 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        for (String own : new String[] {"/docker/abcdef", "/other", "/../sibling"}) {
            assertThat(CgroupMounts.parse(mountinfo, "0::" + own + "\n")
                            .unified()
                            .orElseThrow()
                            .own())
                    .isEqualTo("/sys/fs/cgroup");
        }
    }

    @Test
    void blanksInMountPointsAreUnescaped() {
        String mountinfo = "29 22 0:26 / /my\\040groups\\134x rw - cgroup2 cgroup2 rw\n";
        assertThat(CgroupMounts.parse(mountinfo, "0::/\n")
                        .unified()
                        .orElseThrow()
                        .mountPoint())
                .isEqualTo("/my groups\\x");
    }
}
