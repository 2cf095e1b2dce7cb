// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.IdMapping;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class IdMapsTest {
    private static final OwnIds ALL = OwnIds.parse("         0          0 4294967295\n");

    private static IdMaps uids(String... lines) {
        List<IdMapping> map = List.of(lines).stream().map(IdMapping::parse).toList();
        return new IdMaps(map, List.of(new IdMapping(0, 5000, 1)));
    }

    @Test
    void aSpanIsMappedFromZeroForUsersAndGroups() {
        IdMaps maps = IdMaps.of(new IdSpan(524_288, 65_536));
        assertThat(maps.uidText()).isEqualTo("0 524288 65536\n");
        assertThat(maps.gidText()).isEqualTo(maps.uidText());
        assertThat(maps.hostUid(1000)).isEqualTo(OptionalLong.of(525_288));
        assertThat(maps.hostGid(65_536)).isEmpty();
        assertThat(maps.isSingle()).isFalse();
    }

    @Test
    void aPlainUsersMapIsOneLineOfOneId() {
        IdMaps maps = IdMaps.single(1000, 1001, 1000, 100);
        assertThat(maps.uidText()).isEqualTo("1000 1001 1\n");
        assertThat(maps.gidText()).isEqualTo("1000 100 1\n");
        assertThat(maps.isSingle()).isTrue();
    }

    @Test
    void subordinateIdsLieAroundTheCallersOwn() throws Exception {
        IdSpan sub = new IdSpan(100_000, 65_536);
        IdMaps maps = IdMaps.around(1000, 1001, sub, 0, 100, sub);
        assertThat(maps.uidText()).isEqualTo("0 100000 1000\n1000 1001 1\n1001 101000 64536\n");
        assertThat(maps.gidText()).isEqualTo("0 100 1\n1 100000 65536\n");
        assertThat(maps.hostUid(1000)).hasValue(1001);
        assertThat(maps.hostUid(1001)).hasValue(101_000);
        maps.checked(ALL, ALL);
    }

    @Test
    void fewSubordinateIdsEndBelowTheIdInside() {
        assertThat(IdMaps.around(1000, 1001, new IdSpan(7000, 10), 5, 6, new IdSpan(7000, 5))
                        .uidText())
                .isEqualTo("0 7000 10\n1000 1001 1\n");
    }

    @Test
    void linesThatOverlapInsideOrOnTheHostAreRefused() {
        assertThatThrownBy(() -> uids("10:70000:10", "0:80000:11").checked(ALL, ALL))
                .hasMessageContaining("0:80000:11 and 10:70000:10")
                .hasMessageContaining("overlap inside");
        assertThatThrownBy(() -> uids("0:70000:10", "10:70009:1").checked(ALL, ALL))
                .hasMessageContaining("overlap on the host");
    }

    @Test
    void adjacentLinesAreFine() throws Exception {
        IdMaps maps = uids("0:70000:10", "10:70010:5");
        assertThat(maps.checked(ALL, ALL)).isSameAs(maps);
    }

    @Test
    void anEmptyMapAndOneOfMoreLinesThanTheKernelTakesAreRefused() {
        assertThatThrownBy(() -> uids().checked(ALL, ALL)).hasMessageContaining("0 lines");
        String[] many = new String[341];
        for (int i = 0; i < many.length; i++) {
            many[i] = i + ":" + (70_000 + i) + ":1";
        }
        assertThatThrownBy(() -> uids(many).checked(ALL, ALL)).hasMessageContaining("341 lines");
    }

    @Test
    void hostIdsThatOurOwnNamespaceLacksAreRefused() throws Exception {
        OwnIds own = OwnIds.parse("0 1000 1\n1 100000 65535\n");
        uids("0:1:65535").checked(own, own);
        assertThatThrownBy(() -> uids("0:65530:7").checked(own, own))
                .hasMessageContaining("map uids 0:65530:7")
                .hasMessageContaining("/proc/self/uid_map");
        assertThat(own.contain(new IdSpan(0, 65_536)))
                .as("over two lines of the map")
                .isTrue();
    }

    @Test
    void theHostsRootCanNotBeMapped() {
        assertThatThrownBy(() -> IdMapping.parse("0:0:1")).hasMessageContaining("hostId is 0");
        assertThatThrownBy(() -> IdMaps.single(0, 0, 0, 0)).hasMessageContaining("hostId is 0");
    }
}
