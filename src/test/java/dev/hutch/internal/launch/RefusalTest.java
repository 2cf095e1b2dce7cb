// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private static final IOException EPERM = new SandboxException("clone3", "", Errno.EPERM, "");

    private final Kernel kernel = mock(Kernel.class);

    @BeforeEach
    void nothingForbidsAnything() throws Exception {
        when(kernel.read(anyString())).thenReturn("0\n");
        when(kernel.read("/proc/self/status")).thenReturn("Name:\tjava\nSeccomp:\t0\nSeccomp_filters:\t0\n");
        when(kernel.read("/proc/sys/kernel/unprivileged_userns_clone")).thenReturn("1\n");
    }

    private String cure(boolean privileged, IOException e) {
        return ((SandboxException) Refusal.explained(kernel, privileged, e)).cure();
    }

    @Test
    void anOuterFilterIsNamedBeforeTheHostsRulesWhichMayBeThereToo() throws Exception {
        when(kernel.read("/proc/self/status")).thenReturn("Seccomp:\t2\nSeccomp_filters:\t1\n");
        when(kernel.read("/proc/sys/kernel/unprivileged_userns_clone")).thenReturn("0\n");

        assertThat(cure(false, EPERM))
                .contains("a seccomp filter around this process")
                .doesNotContain("sysctl");
        assertThat(cure(true, EPERM)).contains("a seccomp filter around this process");
    }

    @Test
    void debiansSysctlAndUbuntusAppArmorAreToldApart() throws Exception {
        when(kernel.read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"))
                .thenReturn("1\n");
        assertThat(cure(false, EPERM)).contains("AppArmor", "userns,").doesNotContain("unprivileged_userns_clone");

        when(kernel.read("/proc/sys/kernel/unprivileged_userns_clone")).thenReturn("0\n");
        assertThat(cure(false, EPERM))
                .contains("unprivileged_userns_clone is 0")
                .doesNotContain("AppArmor");
    }

    @Test
    void theHostsRulesAreForPlainUsers() throws Exception {
        when(kernel.read("/proc/sys/kernel/unprivileged_userns_clone")).thenReturn("0\n");

        assertThat(cure(true, EPERM)).isEmpty();
    }

    @Test
    void anotherFailureStaysAsItIs() throws Exception {
        when(kernel.read("/proc/self/status")).thenReturn("Seccomp:\t2\n");
        IOException other = new SandboxException("clone3", "", Errno.ENOSPC, "raise");

        assertThat(Refusal.explained(kernel, false, other)).isSameAs(other);
        assertThat(Refusal.explained(kernel, false, EPERM)).hasCause(EPERM);
    }
}
