// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.support.TestKernelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdRangesTest {
    private static final String EVERY_ID = "0 0 4294967295\n";

    @TempDir
    private Path root;

    private final TestKernelFiles files = new TestKernelFiles();

    @BeforeEach
    void aHostWithoutSubordinateIds() {
        subordinate("");
        own(EVERY_ID);
    }

    private void subordinate(String text) {
        files.text("/etc/subuid", text).text("/etc/subgid", text);
    }

    private void own(String map) {
        files.text("/proc/self/uid_map", map).text("/proc/self/gid_map", map);
    }

    private IdRanges ranges() {
        return new IdRanges(files.asKernel(), Map.of("XDG_RUNTIME_DIR", root.toString()));
    }

    /** As if another process held what was locked so far. */
    private void othersHoldAllLocks() throws Exception {
        try (Stream<Path> locks = Files.list(root.resolve("hutch/ids"))) {
            locks.forEach(path -> files.lockedByAnother(path.toString()));
        }
    }

    @Test
    void rangesAreThoseLeftToContainerManagersAndNeverTheSame() throws Exception {
        Set<IdSpan> taken = new HashSet<>();
        IdSpan containers = new IdSpan(524_288, 1_879_048_192L - 524_288);
        IdRanges ranges = ranges();
        for (int i = 0; i < 200; i++) {
            IdSpan range = ranges.take();
            assertThat(containers.contains(range)).isTrue();
            assertThat(range.size()).isEqualTo(65_536);
            assertThat(range.first() % 65_536).isZero();
            assertThat(taken.add(range)).isTrue();
        }
    }

    @Test
    void aBlockIsLockedOnceForManyRanges() throws Exception {
        IdRanges ranges = ranges();
        for (int i = 0; i < 50; i++) {
            ranges.take();
        }
        assertThat(root.resolve("hutch/ids").toFile().list()).hasSize(1);
        assertThat(files.opened()).hasSize(1);
        ranges.close();
        assertThat(files.opened()).isEmpty();
    }

    @Test
    void aRangeThatWasGivenBackIsUsedAgainAfterAllOthers() throws Exception {
        subordinate("root:1000000:" + 3 * 65_536 + "\n");
        IdRanges ranges = ranges();
        IdSpan first = ranges.take();
        ranges.giveBack(first);
        assertThat(ranges.take()).isNotEqualTo(first);
        assertThat(ranges.take()).isNotEqualTo(first);
        assertThat(ranges.take()).isEqualTo(first);
    }

    @Test
    void rootsLinesInSubuidAreTheOnlyOnesUsed() throws Exception {
        subordinate("root:1000000:131072\nalice:2000000:65536\n");
        IdRanges ranges = ranges();
        assertThat(List.of(ranges.take(), ranges.take()))
                .containsExactlyInAnyOrder(new IdSpan(1_000_000, 65_536), new IdSpan(1_065_536, 65_536));
        assertThatThrownBy(ranges::take).hasMessageContaining("none is free").hasMessageContaining("/etc/subuid");
    }

    @Test
    void anotherJvmsBlockIsLeftToIt() throws Exception {
        subordinate("root:1000000:" + 65 * 65_536 + "\n");
        List<IdSpan> taken = new ArrayList<>(List.of(ranges().take()));
        othersHoldAllLocks();
        taken.add(ranges().take());
        othersHoldAllLocks();
        assertThat(taken.get(0).first() < 5_194_304).isNotEqualTo(taken.get(1).first() < 5_194_304);
        assertThatThrownBy(() -> ranges().take()).hasMessageContaining("none is free");
    }

    @Test
    void otherUsersSubordinateIdsAreNeverGiven() throws Exception {
        subordinate("alice:0:5\nalice:524288:1878000000\nbob:1878524288:1\n");
        assertThat(ranges().take().first()).isGreaterThan(1_878_524_288L);
    }

    @Test
    void inAContainerWithoutSuchIdsSmallerRangesComeFromTheUpperHalfOfItsOwn() throws Exception {
        own("0 100000 65536\n");
        Set<IdSpan> taken = new HashSet<>();
        IdRanges first = ranges();
        for (int i = 0; i < 4; i++) {
            assertThat(taken.add(first.take())).isTrue();
        }
        othersHoldAllLocks();
        assertThat(taken.add(ranges().take())).as("another JVM's").isTrue();
        assertThat(taken).allSatisfy(range -> {
            assertThat(range.size()).isEqualTo(1024);
            assertThat(new IdSpan(32_768, 65_534 - 32_768).contains(range)).isTrue();
        });
    }

    @Test
    void inAContainerWithNextToNoIdsTheErrorNamesTheCure() {
        own("0 100000 1000\n");
        assertThatThrownBy(() -> ranges().take())
                .hasMessageContaining("take a range of host ids")
                .hasMessageContaining("/etc/subgid");
    }
}
