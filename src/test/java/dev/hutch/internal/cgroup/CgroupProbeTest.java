// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.HostReport.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupProbeTest {
    @TempDir
    private Path root;

    private static List<Finding> findings(TestMachine machine) throws Exception {
        machine.mountsInProc();
        return new CgroupProbe(machine.files).findings();
    }

    private static List<String> missing(List<Finding> findings) {
        return findings.stream()
                .filter(each -> !each.works())
                .map(Finding::name)
                .toList();
    }

    @Test
    void whereNothingIsMountedThatIsAllThereIsToSay() throws Exception {
        assertThat(findings(new TestMachine(root))).singleElement().satisfies(finding -> {
            assertThat(finding.works()).isFalse();
            assertThat(finding.cure()).startsWith("mount -t cgroup2");
        });
    }

    @Test
    void onVersion1EachHierarchyHasItsControllersAndBlkioIsIo() throws Exception {
        List<Finding> findings = findings(TestMachine.v1(root));

        assertThat(findings.get(0)).isEqualTo(Finding.good("cgroups", "version 1"));
        assertThat(missing(findings)).isEmpty();
        assertThat(findings).contains(Finding.good("io controller", ""));
    }

    @Test
    void onAHybridMachineBothAreTold() throws Exception {
        List<Finding> findings = findings(TestMachine.v1(root).unified("unified", "/", Map.of()));

        assertThat(findings.get(0).detail()).isEqualTo("version 1, and version 2 beside it");
        assertThat(missing(findings)).isEmpty();
    }

    @Test
    void aControllerThatNoHierarchyOfVersion1HasIsMissingWithItsCure() throws Exception {
        List<Finding> findings = findings(new TestMachine(root).controller("cpu,cpuacct", Map.of()));

        assertThat(missing(findings))
                .containsExactly("memory controller", "pids controller", "io controller", "cpuset controller");
        assertThat(findings.get(1).cure()).contains("cgroup_enable=memory");
    }

    @Test
    void onVersion2TheRootSaysWhichThereAre() throws Exception {
        TestMachine machine = TestMachine.v2(root, "/user.slice");
        List<Finding> all = findings(machine);

        assertThat(all.get(0)).isEqualTo(Finding.good("cgroups", "version 2"));
        assertThat(missing(all)).isEmpty();
        machine.content("cgroup.controllers", "cpuset cpu io pids\n");
        assertThat(missing(findings(machine))).containsExactly("memory controller");
    }
}
