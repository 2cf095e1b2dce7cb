// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "0.0.0.0/0, 0.0.0.0/0",
        "192.0.2.7, 192.0.2.7",
        "fd00:1:2:0:0:0:0:0/64, fd00:1:2::/64",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:0:0:0:1, 2001:db8:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:0:0:0:0:0:0:1, ::1",
        "0:0:0:0:0:0:0:0/0, ::/0",
        "::ffff:192.0.2.0/120, 192.0.2.0/24",
    })
    void itIsWrittenShortAndReadBack(String text, String shortest) {
        AddressRange range = requireNonNull(AddressRange.parse(text));

        assertThat(range).hasToString(shortest);
        assertThat(AddressRange.parse(shortest)).isEqualTo(range);
    }

    @Test
    void oneAddressIsARange() throws Exception {
        assertThat(AddressRange.of(InetAddress.getByName("::2"))).hasToString("::2");
    }
}
