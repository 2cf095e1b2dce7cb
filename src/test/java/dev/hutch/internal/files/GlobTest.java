// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*.csv, a.csv, true",
        "*.csv, .csv, true",
        "*.csv, a.csv.gz, false",
        "a?c, abc, true",
        "a?c, ac, false",
        "*, anything, true",
        "a*b*c, axbxbxc, true",
        "a*b*c, axbx, false",
        "[a], a, false",
        "[a], [a], true",
        "a.c, abc, false"
    })
    void aNameMatches(String glob, String name, boolean matches) {
        assertThat(new Glob(glob).matches(0, name)).isEqualTo(matches);
    }

    /** Backtracking over every star would take longer than the universe has. */
    @Test
    void aHostileNameCostsNothing() {
        assertThat(new Glob("*a".repeat(60) + "b").matches(0, "a".repeat(255))).isFalse();
    }
}
