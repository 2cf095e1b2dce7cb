// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.contains;
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

class HostProbeTest {
    private final KernelFiles files = mock(KernelFiles.class);

    @BeforeEach
    void machineThatOffersEverything() throws Exception {
        doThrow(new KernelException("read", "", Errno.ENOENT.number()))
                .when(files)
                .read(anyString());
        doReturn("1000\n").when(files).read(contains("/proc/sys/user/"));
        doReturn("kill_process errno allow\n").when(files).read("/proc/sys/kernel/seccomp/actions_avail");
        doReturn("Name:\tjava\nSeccomp:\t0\n").when(files).read("/proc/self/status");
        doReturn("nodev\tproc\nnodev\toverlay\n").when(files).read("/proc/filesystems");
    }

    private List<Finding> bad() throws Exception {
        return new HostProbe(files)
                .findings("6.1.0-37-amd64", "amd64").stream()
                        .filter(finding -> !finding.works())
                        .toList();
    }

    @Test
    void nothingIsMissedOnAMachineThatHasItAll() throws Exception {
        assertThat(bad()).isEmpty();
    }

    @Test
    void oldKernelIsNamedWithWhatIsNeeded() throws Exception {
        assertThat(new HostProbe(files).findings("5.10.0", "amd64").get(0)).satisfies(finding -> {
            assertThat(finding.works()).isFalse();
            assertThat(finding.cure()).contains("5.14");
        });
    }

    @Test
    void namespaceThatASysctlForbidsComesWithTheSysctl() throws Exception {
        doReturn("0\n").when(files).read("/proc/sys/user/max_user_namespaces");
        assertThat(bad()).singleElement().satisfies(finding -> {
            assertThat(finding.name()).isEqualTo("user namespace");
            assertThat(finding.cure()).isEqualTo("sysctl -w user.max_user_namespaces=10000");
        });
    }

    @Test
    void filterAroundThisProcessIsTold() throws Exception {
        doReturn("Seccomp:\t2\nSeccomp_filters:\t1\n").when(files).read("/proc/self/status");
        assertThat(bad())
                .singleElement()
                .satisfies(finding -> assertThat(finding.cure()).contains("seccomp=unconfined"));
    }
}
