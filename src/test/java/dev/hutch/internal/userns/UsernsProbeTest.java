// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import dev.hutch.spec.HostReport.Finding;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UsernsProbeTest {
    private final KernelFiles files = mock(KernelFiles.class);

    @BeforeEach
    void machineWithoutAnyOfTheFiles() throws Exception {
        doThrow(new KernelException("read", "", Errno.ENOENT.number()))
                .when(files)
                .read(anyString());
        doReturn("").when(files).read("/proc/self/mountinfo");
    }

    private Finding ids() throws Exception {
        return plainUser().stream()
                .filter(finding -> finding.name().equals("ids for sandboxes"))
                .findFirst()
                .orElseThrow();
    }

    private List<Finding> plainUser() throws Exception {
        return new UsernsProbe(files).findings(false, false, "ada", 1000, true);
    }

    @Test
    void ubuntusRestrictionIsToldApartFromDebians() throws Exception {
        doReturn("1\n").when(files).read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
        assertThat(plainUser().get(0).detail()).contains("AppArmor");
        doReturn("0\n").when(files).read("/proc/sys/kernel/unprivileged_userns_clone");
        assertThat(plainUser().get(0).cure()).isEqualTo("sysctl -w kernel.unprivileged_userns_clone=1");
    }

    private void subordinateIds() throws Exception {
        doReturn("ada:100000:65536\n").when(files).read("/etc/subuid");
        doReturn("ada:100000:65536\n").when(files).read("/etc/subgid");
        doReturn("Name:\tjava\nNoNewPrivs:\t0\n").when(files).read("/proc/self/status");
        doReturn("0 0 4294967295\n").when(files).read("/proc/self/uid_map");
        doReturn("0 0 4294967295\n").when(files).read("/proc/self/gid_map");
    }

    @Test
    void subordinateIdsAreLookedFor() throws Exception {
        assertThat(ids().works()).isFalse();
        assertThat(ids().cure()).contains("usermod --add-subuids");
        subordinateIds();
        assertThat(ids().works()).isTrue();
    }

    @Test
    void subordinateIdsThatANestedCallerDoesNotHaveAreNotUsed() throws Exception {
        subordinateIds();
        doReturn("0 1000 1\n1 100000 65535\n").when(files).read("/proc/self/gid_map");

        assertThat(ids().works()).isFalse();
        assertThat(ids().detail()).contains("/proc/self/uid_map").contains("100000-165535");
    }

    @Test
    void theFirstRangeThatANestedCallerHasIsTaken() throws Exception {
        subordinateIds();
        doReturn("ada:100000:65536\nada:2000:30000\n").when(files).read("/etc/subuid");
        doReturn("0 1000 1\n1 100000 65535\n").when(files).read("/proc/self/uid_map");

        assertThat(SubordinateRange.find(files, "ada", 1000, true).uids()).isEqualTo(new IdSpan(2000, 30_000));
    }

    @Test
    void newuidmapIsNotCalledWhereItWouldGetNoRights() throws Exception {
        subordinateIds();
        doReturn("Name:\tjava\nNoNewPrivs:\t1\n").when(files).read("/proc/self/status");

        assertThat(ids().detail()).contains("no_new_privs");
        assertThat(ids().cure()).contains("allowPrivilegeEscalation");
    }

    @Test
    void whatAContainersRootLacksIsNamed() throws Exception {
        doReturn("20 1 0:5 / /proc rw - proc proc rw\n22 20 0:7 / /proc/kcore ro - tmpfs tmpfs rw\n")
                .when(files)
                .read("/proc/self/mountinfo");
        List<Finding> bare = new UsernsProbe(files).findings(false, false, "root", 0, true);
        List<Finding> maps = new UsernsProbe(files).findings(false, true, "root", 0, true);

        assertThat(bare).extracting(Finding::works).containsExactly(true, false, false, false);
        assertThat(bare)
                .extracting(Finding::cure)
                .anyMatch(cure -> cure.contains("unmask=ALL"))
                .anyMatch(cure -> cure.contains("SETUID"))
                .anyMatch(cure -> cure.contains("SYS_ADMIN"));
        assertThat(maps).extracting(Finding::works).containsExactly(true, false, false, true);
    }
}
