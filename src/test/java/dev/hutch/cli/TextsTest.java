// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @CsvSource({"10, PT10S", "1.5s, PT1.5S", "500ms, PT0.5S", "2m, PT2M", "1h, PT1H", "1d, PT24H"})
    void timesAreSecondsOrHaveAUnit(String text, Duration duration) {
        assertThat(Texts.duration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5X", "s", "1 s", "1e3", "999999999999d", "NaN"})
    void otherTimesAreRefused(String text) {
        assertThatThrownBy(() -> Texts.duration(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.5", "0x10", "99999999999", "one"})
    void otherNumbersAreRefused(String text) {
        assertThatThrownBy(() -> Texts.integer(text)).hasMessageContaining("'" + text + "'");
    }
}
