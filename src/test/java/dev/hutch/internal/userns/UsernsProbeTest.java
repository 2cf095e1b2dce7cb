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
    }

    private List<Finding> plainUser() throws Exception {
        return new UsernsProbe(files).findings(false, "ada", 1000, true);
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
        assertThat(plainUser().get(1).works()).isFalse();
        assertThat(plainUser().get(1).cure()).contains("usermod --add-subuids");
        subordinateIds();
        assertThat(plainUser().get(1).works()).isTrue();
    }

    @Test
    void subordinateIdsThatANestedCallerDoesNotHaveAreNotUsed() throws Exception {
        subordinateIds();
        doReturn("0 1000 1\n1 100000 65535\n").when(files).read("/proc/self/gid_map");

        assertThat(plainUser().get(1).works()).isFalse();
        assertThat(plainUser().get(1).detail()).contains("/proc/self/uid_map").contains("100000-165535");
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

        assertThat(plainUser().get(1).detail()).contains("no_new_privs");
        assertThat(plainUser().get(1).cure()).contains("allowPrivilegeEscalation");
    }
}
