// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.SandboxException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworkConfigTest {
    private static NetworkConfig network(String name, @Nullable String ipv6) {
        return new NetworkConfig(
                name, Subnet.parse("10.213.4.0/22"), ipv6 == null ? null : Subnet.parse(ipv6), 1400, true, false, true);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        for (NetworkConfig network : List.of(network("lab", "fd01:2:3::/64"), network("lab", null))) {
            assertThat(NetworkConfig.read("file", network.json())).isEqualTo(network);
        }
    }

    @Test
    void whatIsNoNetworkIsRefusedWithItsPlace() {
        String text = network("lab", null).json().replace("10.213.4.0/22", "10.213.4.9/22");

        assertThatThrownBy(() -> NetworkConfig.read("/run/x.json", text))
                .isInstanceOf(SandboxException.class)
                .hasMessageContainingAll("/run/x.json", "ipv4", "10.213.4.0/22");
    }

    @Test
    void theBridgesNameFitsIntoALinksAndIsNoOtherNetworks() {
        String one = network("a-rather-long-name", null).bridge();
        String other = network("a-rather-long-nami", null).bridge();

        assertThat(network("lab", null).bridge()).isEqualTo("hutch-lab");
        assertThat(one).hasSize(15).startsWith("hutch-").isNotEqualTo(other);
    }

    @Test
    void macAndPortComeFromTheAddress() {
        assertThat(NetworkConfig.mac(network("lab", null).ipv4().address(258)))
                .containsExactly(0x02, 0x48, 10, (byte) 213, 5, 2);
        assertThat(NetworkConfig.port(network("lab", null).ipv4().address(258))).isEqualTo("hutch.0ad50502");
    }
}
