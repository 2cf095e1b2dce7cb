// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetTest {
    @Test
    void addressesAreCountedFromTheFirst() throws Exception {
        Subnet four = Subnet.parse("10.213.4.0/22");
        Subnet six = Subnet.parse("fd00:1:2::/64");

        assertThat(four.address(1).getHostAddress()).isEqualTo("10.213.4.1");
        assertThat(four.address(1000).getHostAddress()).isEqualTo("10.213.7.232");
        assertThat(four.number(InetAddress.getByName("10.213.7.232"))).isEqualTo(1000);
        assertThat(four.size()).isEqualTo(1024);
        assertThat(six.address(258).getHostAddress()).isEqualTo("fd00:1:2:0:0:0:0:102");
        assertThat(six.size()).isEqualTo(1L << 32);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.213.0.0/22, true",
        "10.213.0.0/22, 10.0.0.0/8, true",
        "10.213.0.0/22, 10.213.4.0/22, false",
        "192.168.1.128/25, 192.168.1.200/32, true",
        "192.168.1.128/25, 192.168.1.127/32, false",
        "0.0.0.0/0, 10.0.0.0/8, true",
        "::/0, 10.0.0.0/8, false",
        "fd00::/8, fd12:3456::/32, true",
    })
    void twoOverlapWhereOneHoldsTheOther(String one, String other, boolean overlaps) {
        assertThat(Subnet.parse(one).overlaps(Subnet.parse(other))).isEqualTo(overlaps);
        assertThat(Subnet.parse(other).overlaps(Subnet.parse(one))).isEqualTo(overlaps);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/33",
                "10.0.0.1/8",
                "host.example/8",
                "fd00::/129",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "fd00::1/64"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Subnet.parse(text));
    }
}
