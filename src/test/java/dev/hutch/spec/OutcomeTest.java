// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of end has its word in JSON and its exit status. */
class OutcomeTest {
    static Stream<Arguments> outcomes() {
        return Stream.of(
                Arguments.of(new Outcome.Exited(3), Outcome.Kind.EXITED, "exited", 3),
                Arguments.of(new Outcome.Signalled(Signal.SIGTERM), Outcome.Kind.SIGNALLED, "signalled", 143),
                Arguments.of(new Outcome.Timeout(), Outcome.Kind.TIMEOUT, "timeout", 124),
                Arguments.of(new Outcome.CpuTimeout(), Outcome.Kind.CPU_TIMEOUT, "cpu-timeout", 124),
                Arguments.of(new Outcome.OutOfMemory(), Outcome.Kind.OUT_OF_MEMORY, "out-of-memory", 137),
                Arguments.of(new Outcome.HostOutOfMemory(), Outcome.Kind.HOST_OUT_OF_MEMORY, "host-out-of-memory", 137),
                Arguments.of(new Outcome.OutputLimit(), Outcome.Kind.OUTPUT_LIMIT, "output-limit", 153));
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void itHasAKindAWordAndAStatus(Outcome outcome, Outcome.Kind kind, String word, int status) {
        assertThat(outcome.kind()).isEqualTo(kind);
        assertThat(outcome.word()).isEqualTo(word);
        assertThat(new SandboxResult(
                                outcome,
                                Account.uncounted(Duration.ZERO),
                                SetupTime.NONE,
                                Captured.EMPTY,
                                Captured.EMPTY,
                                List.of())
                        .exitStatus())
                .isEqualTo(status);
    }

    @Test
    void noKindIsLeftOut() {
        assertThat(outcomes().map(each -> each.get()[1])).containsExactlyInAnyOrder((Object[]) Outcome.Kind.values());
    }
}
