// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelVersionTest {
    @ParameterizedTest
    @CsvSource({
        "6.1.0-37-amd64, 6.1",
        "5.14.0-503.el9.x86_64, 5.14",
        "6.18.44-fc-v782, 6.18",
        "5.15.167.4-microsoft-standard-WSL2, 5.15",
        "6.12+, 6.12"
    })
    void releasesOfDistributionsAreRead(String release, String version) throws Exception {
        assertThat(KernelVersion.parse(release)).hasToString(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "linux", "6", "99999.1"})
    void anythingElseIsRefused(String release) {
        assertThatThrownBy(() -> KernelVersion.parse(release)).hasMessageContaining("'" + release + "'");
    }

    @Test
    void olderKernelsAreRefusedWithTheVersionThatIsNeeded() {
        assertThatThrownBy(() -> KernelVersion.check(new KernelVersion(5, 13), "amd64"))
                .hasMessageContaining("Linux 5.13")
                .hasMessageContaining("5.14 or newer");
        assertThatThrownBy(() -> KernelVersion.check(new KernelVersion(4, 18), "amd64"))
                .hasMessageContaining("Linux 4.18");
        assertThatCode(() -> KernelVersion.check(new KernelVersion(5, 14), "aarch64"))
                .doesNotThrowAnyException();
        assertThatCode(() -> KernelVersion.check(new KernelVersion(6, 1), "amd64"))
                .doesNotThrowAnyException();
    }

    @Test
    void otherProcessorsAreRefused() {
        assertThatThrownBy(() -> KernelVersion.check(new KernelVersion(6, 1), "riscv64"))
                .hasMessageContaining("riscv64");
    }

    @Test
    void theRunningKernelIsRead() throws Exception {
        assertThat(KernelVersion.running()).isGreaterThan(new KernelVersion(3, 0));
    }
}
