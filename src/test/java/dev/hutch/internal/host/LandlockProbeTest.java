// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.HostReport.Finding;
import org.junit.jupiter.api.Test;

class LandlockProbeTest {
    private final Kernel kernel = mock(Kernel.class);

    @Test
    void theVersionIsTold() throws Exception {
        when(kernel.landlockVersion()).thenReturn(7);
        assertThat(LandlockProbe.finding(kernel).works()).isTrue();
        assertThat(LandlockProbe.finding(kernel).detail()).isEqualTo("version 7");

        when(kernel.landlockVersion()).thenReturn(2);
        assertThat(LandlockProbe.finding(kernel).detail()).contains("version 2", "signals");
    }

    @Test
    void aKernelWithoutItIsTold() throws Exception {
        when(kernel.landlockVersion())
                .thenThrow(new KernelException("landlock_create_ruleset", "", Errno.ENOSYS.number()));

        Finding finding = LandlockProbe.finding(kernel);

        assertThat(finding.works()).isFalse();
        assertThat(finding.detail()).contains("ENOSYS");
    }
}
