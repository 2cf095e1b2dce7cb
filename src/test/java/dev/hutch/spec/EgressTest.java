// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressTest {
    @ParameterizedTest
    @CsvSource({
        "pypi.org,               pypi.org,            0,   pypi.org",
        "PyPI.org.:443,          pypi.org,            443, pypi.org:443",
        "*.example.org:80,       *.example.org,       80,  *.example.org:80",
        "192.0.2.7,              192.0.2.7,           0,   192.0.2.7",
        "192.0.2.7:22,           192.0.2.7,           22,  192.0.2.7:22",
        "10.0.0.0/8,             10.0.0.0/8,          0,   10.0.0.0/8",
        "10.0.0.0/8:443,         10.0.0.0/8,          443, 10.0.0.0/8:443",
        "2001:db8::1,            2001:db8::1, 0,  2001:db8::1",
        "2001:db8::/32,          2001:db8::/32, 0, 2001:db8::/32",
        "[2001:db8::1]:443,      2001:db8::1, 443, [2001:db8::1]:443",
        "[2001:db8::/32]:443,    2001:db8::/32, 443, [2001:db8::/32]:443",
        "::ffff:192.0.2.7,       192.0.2.7,           0,   192.0.2.7",
        "_service._tcp.local:53, _service._tcp.local, 53,  _service._tcp.local:53"
    })
    void aDestinationIsReadAndWrittenAlike(String text, String host, int port, String written) {
        Destination read = Destination.parse(text);
        assertThat(read).isEqualTo(new Destination(host, port)).hasToString(written);
        assertThat(Destination.parse(written)).isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*.",
                "a..b",
                ".a",
                "-a.org",
                "a-.org",
                "*.*.org",
                "a.*.org",
                "http://a.org",
                "a.org:0",
                "a.org:65536",
                "a.org:https",
                "a.org:",
                "256.1.1.1",
                "1.2.3",
                "01.2.3.4",
                "1.2.3.4/33",
                "1.2.3.4/8",
                "2001:db8::/129",
                "[1.2.3.4",
                "::ffff:1.2.3.4/24",
                "a b",
                "a.org/8",
                "12345"
            })
    void whatIsNoDestinationIsRefusedAndNeverLookedUp(String text) {
        assertThatThrownBy(() -> Destination.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aWildcardIsEveryNameBelowAndNotTheNameItself() {
        Destination below = Destination.parse("*.example.org");
        assertThat(below.covers("a.example.org")).isTrue();
        assertThat(below.covers("b.a.example.org")).isTrue();
        assertThat(below.covers("example.org")).isFalse();
        assertThat(below.covers(".example.org")).isFalse();
        assertThat(below.covers("badexample.org")).isFalse();
        assertThat(below.covers("a.example.org.evil.org")).isFalse();
    }

    @Test
    void anAddressIsInItsRangeOfItsFamilyOnly() throws UnknownHostException {
        AddressRange range = AddressRange.parse("172.16.0.0/12");
        assertThat(range.contains(InetAddress.getByName("172.31.255.255"))).isTrue();
        assertThat(range.contains(InetAddress.getByName("172.32.0.0"))).isFalse();
        assertThat(range.contains(InetAddress.getByName("::ffff:172.16.0.1"))).isTrue();
        assertThat(range.contains(InetAddress.getByName("2001:db8::1"))).isFalse();
        assertThat(AddressRange.parse("::/0").contains(InetAddress.getByName("2001:db8::1")))
                .isTrue();
        assertThat(AddressRange.parse("2001:db8::/31").contains(InetAddress.getByName("2001:db9::1")))
                .isTrue();
    }

    @Test
    void aListIsBoundedAndHasNoDoubles() {
        assertThat(Egress.of("a.org", "A.ORG").and("a.org.").destinations()).hasSize(1);
        assertThatThrownBy(() ->
                        new Egress(Collections.nCopies(1_001, Destination.parse("a.org")), null, Duration.ofSeconds(1)))
                .hasMessageContaining("1001");
        assertThatThrownBy(() -> Egress.NOTHING.ask(name -> true, Duration.ofMinutes(2)))
                .hasMessageContaining("patience");
    }

    @Test
    void aRefusalSaysWhatWasAskedForAndWhere() {
        assertThat(new Refusal("a.org", "", "", 0, 1).inWords()).isEqualTo("a.org");
        assertThat(new Refusal("", "192.0.2.1", "tcp", 443, 1).inWords()).isEqualTo("192.0.2.1:443/tcp");
        assertThat(new Refusal("a.org", "2001:db8::1", "udp", 53, 1).inWords())
                .isEqualTo("a.org ([2001:db8::1]:53/udp)");
    }
}
