// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxPoolTest {
    private final SandboxPool.Builder builder =
            SandboxPool.builder(Sandbox.builder().build());

    @ParameterizedTest
    @ValueSource(ints = {-1, 4097, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void minimumOutOfRangeIsNamed(int containers) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.minimum(containers))
                .withMessage("a pool holds 0 to 4096 containers: " + containers);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 4097})
    void maximumOutOfRangeIsNamed(int containers) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maximum(containers))
                .withMessage("a pool holds 1 to 4096 containers: " + containers);
    }

    @Test
    void idleTimeUnderAMillisecondIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.idle(Duration.ofNanos(999_999)))
                .withMessageContaining("at least 1 ms");
    }
}
