// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hutch.spec.PortMapping.Protocol;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortMappingTest {
    @Test
    void partsAreThoseThatAreWritten() throws Exception {
        assertThat(PortMapping.parse("8080:80")).isEqualTo(new PortMapping(8080, 80));
        assertThat(PortMapping.parse("127.0.0.1:53:5353/udp"))
                .isEqualTo(new PortMapping(InetAddress.getByName("127.0.0.1"), 53, 5353, 1, Protocol.UDP));
        assertThat(PortMapping.parse("[::1]:8000-8009:9000-9009/tcp"))
                .isEqualTo(new PortMapping(InetAddress.getByName("::1"), 8000, 9000, 10, Protocol.TCP));
    }

    @ParameterizedTest
    @CsvSource({
        "80, 0:80",
        "127.0.0.1::80, 127.0.0.1:0:80",
        "0:80-89, 0:80-89",
        "8080:80, 8080:80",
        "1-2:3-4/udp, 1-2:3-4/udp"
    })
    void aHostPortThatIsNotNamedIsAnyFreeOne(String text, String canonical) {
        assertThat(PortMapping.parse(text)).hasToString(canonical);
        assertThat(PortMapping.parse(canonical)).isEqualTo(PortMapping.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a:80",
                "80:",
                "8080:80/sctp",
                "::1:8080:80",
                "1.2.3:80:80",
                "8080:0",
                "70000:80",
                "80:70000",
                "8000-8001:80",
                "8000-8001:80-82",
                "65535-65536:80-81",
                "90-80:90-80",
                "1-2000:1-2000",
                " 80:80",
                "-1:80",
                "localhost:80:80"
            })
    void anythingElseIsRefusedAndNamed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PortMapping.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    }

    @Test
    void aRangeIsItsPortsOneByOne() {
        assertThat(PortMapping.parse("8000-8002:80-82").singles())
                .containsExactly(new PortMapping(8000, 80), new PortMapping(8001, 81), new PortMapping(8002, 82));
        assertThat(PortMapping.parse("0:80-81").singles())
                .containsExactly(new PortMapping(0, 80), new PortMapping(0, 81));
    }

    @Test
    void onlyNetworksWithAHostBetweenPublish() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.HOST.publish("80:80"))
                .withMessageContaining("they are the host's already");
        assertThatIllegalArgumentException().isThrownBy(() -> Network.user().hostServices(true));
        assertThat(Network.bridge().publish("80:80", "1:2/udp").ports()).hasSize(2);
    }
}
