// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkRateTest {
    @Test
    void eitherMayBeLeftOut() {
        assertThat(NetworkRate.parse("up=1m")).isEqualTo(new NetworkRate(Size.mebibytes(1), Size.bytes(0)));
        assertThat(NetworkRate.parse("down=2g,up=1m")).isEqualTo(new NetworkRate(Size.mebibytes(1), Size.gibibytes(2)));
        assertThat(NetworkRate.parse(NetworkRate.UNLIMITED.toString())).isEqualTo(NetworkRate.UNLIMITED);
        assertThat(NetworkRate.parse("up=5k,down=3m")).hasToString("up=5k,down=3m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1m", "up=", "up=1023", "down=2t", "sideways=1m", "up=1m,", "up=1.5m"})
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> NetworkRate.parse(text));
    }
}
