// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FoundNamesTest {
    private long now;
    private final FoundNames found = new FoundNames(() -> now);

    private Map<String, Integer> valid() {
        Map<String, Integer> sizes = new TreeMap<>();
        found.forEach((name, addresses) -> sizes.put(name, addresses.size()));
        return sizes;
    }

    private static List<InetAddress> addresses(int first, int count) throws Exception {
        List<InetAddress> all = new java.util.ArrayList<>();
        for (int i = first; i < first + count; i++) {
            all.add(InetAddress.getByAddress(new byte[] {(byte) 203, 0, (byte) (i >> 8), (byte) i}));
        }
        return all;
    }

    @Test
    void anAddressEndsWithItsTimeButIsValidForAWhileInAnyCase() throws Exception {
        found.add("short.org", addresses(1, 1), 0);
        found.add("long.org", addresses(2, 1), 3_600);
        now += FoundNames.LEAST.toNanos();
        assertThat(valid()).containsEntry("short.org", 0).containsEntry("long.org", 1);
        now += Duration.ofHours(1).toNanos();
        assertThat(valid()).containsEntry("long.org", 0);
    }

    @Test
    void anAnswerAgainIsNewsWhenHalfOfTheTimeIsOver() throws Exception {
        assertThat(found.add("a.org", addresses(1, 1), 3_600)).isTrue();
        assertThat(found.add("a.org", addresses(1, 1), 3_600)).isFalse();
        now += Duration.ofMinutes(31).toNanos();
        assertThat(found.add("a.org", addresses(1, 1), 3_600)).isTrue();
        assertThat(found.add("a.org", addresses(2, 1), 3_600))
                .as("another address")
                .isTrue();
    }

    @Test
    void theOldestGoWhereThereAreTooMany() throws Exception {
        found.add("old.org", addresses(0, 10), 3_600);
        found.add("new.org", addresses(1_000, FoundNames.MOST_ADDRESSES), 3_600);
        assertThat(valid()).containsExactly(Map.entry("new.org", FoundNames.MOST_ADDRESSES));
        found.add("huge.org", addresses(4_000, FoundNames.MOST_ADDRESSES + 100), 3_600);
        assertThat(valid()).containsExactly(Map.entry("huge.org", FoundNames.MOST_ADDRESSES));
        assertThat(found.nameOf(addresses(4_200, 1).get(0))).isEqualTo("huge.org");
        assertThat(found.nameOf(addresses(0, 1).get(0))).isEmpty();
    }
}
