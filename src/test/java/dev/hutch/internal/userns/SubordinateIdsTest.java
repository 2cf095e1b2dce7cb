// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.TestKernelFiles;
import org.junit.jupiter.api.Test;

class SubordinateIdsTest {
    @Test
    void linesOfAUserAreFoundByNameAndByUid() {
        String text = "alice:100000:65536\nbob:165536:65536\n1000:231072:10\n";
        assertThat(SubordinateIds.parse(text, "alice", 1000))
                .containsExactly(new IdSpan(100_000, 65_536), new IdSpan(231_072, 10));
    }

    @Test
    void linesThatNameNothingOrTheHostsRootOrTooMuchGiveNoIds() {
        String text =
                "alice:\nalice:1:2:3\nalice:x:5\nalice:5:-1\nalice:0:10\nalice:7:0\nalice:4294967295:2\n\n# alice\n";
        assertThat(SubordinateIds.parse(text, "alice", 1000)).isEmpty();
    }

    @Test
    void aMissingFileGivesNone() throws Exception {
        assertThat(SubordinateIds.of(new TestKernelFiles(), "/no/such/subuid", "alice", 1000))
                .isEmpty();
    }
}
