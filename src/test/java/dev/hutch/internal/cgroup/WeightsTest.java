// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsTest {
    @ParameterizedTest
    @CsvSource({"2, 1", "256, 34", "512, 58", "1024, 100", "2048, 173", "262144, 10000"})
    void sharesFollowTheNewerFormulaOfTheOciRuntimes(int shares, long weight) {
        assertThat(Weights.cpuWeight(shares)).isEqualTo(weight);
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "50, 405", "500, 4950", "1000, 10000"})
    void ioWeightIsStretched(int weight, long converted) {
        assertThat(Weights.ioWeight(weight)).isEqualTo(converted);
    }

    @Test
    void userTimeIsTheExactTotalInTheProportionOfTheCoarseCounters() {
        java.time.Duration total = java.time.Duration.ofMillis(7);
        assertThat(V1Container.userPart(total, "user 0\nsystem 0\n")).isEqualTo(total);
        assertThat(V1Container.userPart(total, "user 0\nsystem 1\n")).isZero();
        assertThat(V1Container.userPart(total.multipliedBy(10), "user 1\nsystem 6\n"))
                .isEqualTo(total.plusMillis(3));
    }

    @Test
    void deviceNumbersAreTakenApartAsTheCLibraryDoes() {
        assertThat(DeviceNumber.of('c', 0x103)).hasToString("1:3");
        assertThat(DeviceNumber.of('b', 259 << 8 | 0x45 | 0x12300L << 12))
                .isEqualTo(new DeviceNumber('b', 259, 0x12345));
        assertThat(DeviceNumber.of('b', 1L << 44 | 7)).isEqualTo(new DeviceNumber('b', 1 << 12, 7));
    }
}
