// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NeedTest {
    @Test
    void everyNeedIsMetOrSaysWhyNot() {
        for (Need need : Need.values()) {
            need.missing().ifPresent(why -> assertThat(why).as(need.name()).isNotBlank());
        }
    }

    @Test
    void theLimitsAreOnOneKindOfHierarchyOrTheOther() {
        assertThat(List.of(Need.CGROUP_V1, Need.CGROUP_V2))
                .filteredOn(need -> need.missing().isEmpty())
                .hasSize(1);
    }
}
