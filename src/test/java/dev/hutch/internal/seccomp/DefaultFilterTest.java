// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the build has compiled is what would be compiled now, on any kernel. */
class DefaultFilterTest {
    private static final Set<Allow> USUAL = Set.of(Allow.UNIX_SOCKETS);

    @ParameterizedTest
    @CsvSource({"X86_64, 5, 14", "X86_64, 6, 18", "X86_64, 99, 0", "AARCH64, 5, 14", "AARCH64, 6, 18"})
    void itIsTheProfiles(Architecture architecture, int major, int minor) throws Exception {
        Circumstances now = new Circumstances(architecture, Set.of(), USUAL, true, major, minor);

        assertThat(DefaultFilter.of(now).orElseThrow()).isEqualTo(SeccompFilters.compileDefault(now));
    }

    @Test
    void itServesNobodyWhoAskedForMoreOrLess() {
        Architecture here = Architecture.X86_64;
        assertThat(DefaultFilter.of(new Circumstances(here, Set.of(Capability.CHOWN), USUAL, true, 6, 18)))
                .isEmpty();
        assertThat(DefaultFilter.of(new Circumstances(here, Set.of(), Set.of(), true, 6, 18)))
                .isEmpty();
        assertThat(DefaultFilter.of(new Circumstances(here, Set.of(), Set.of(Allow.PTRACE), true, 6, 18)))
                .isEmpty();
        assertThat(DefaultFilter.of(new Circumstances(here, Set.of(), USUAL, false, 6, 18)))
                .isEmpty();
    }
}
