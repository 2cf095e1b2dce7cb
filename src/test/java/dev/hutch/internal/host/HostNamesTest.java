// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostNamesTest {
    @Test
    void aHundredThousandNamesAreAllDifferentAndDnsLabels() {
        HostNames names = HostNames.seeded();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            String name = names.next();
            assertThat(name.matches("[a-z]+-[a-z]+-[0-9a-z]{8}") && name.length() <= 63)
                    .as(name)
                    .isTrue();
            assertThat(seen.add(name)).isTrue();
        }
    }

    @Test
    void twoJvmsThatStartTogetherGiveDifferentNames() {
        Set<String> seen = new HashSet<>();
        for (int jvm = 0; jvm < 1000; jvm++) {
            HostNames names = new HostNames(jvm);
            for (int i = 0; i < 100; i++) {
                assertThat(seen.add(names.next())).isTrue();
            }
        }
    }
}
