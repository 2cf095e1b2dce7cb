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

    @Test
    void subordinateIdsAreLookedFor() throws Exception {
        assertThat(plainUser().get(1).works()).isFalse();
        doReturn("ada:100000:65536\n").when(files).read("/etc/subuid");
        doReturn("ada:100000:65536\n").when(files).read("/etc/subgid");
        assertThat(plainUser().get(1).works()).isTrue();
    }
}
