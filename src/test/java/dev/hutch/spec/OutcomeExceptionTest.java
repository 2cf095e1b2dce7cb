// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeExceptionTest {
    private static SandboxResult result(Outcome outcome, String out, String err) {
        return result(outcome, out, err, 0, 0);
    }

    private static SandboxResult result(Outcome outcome, String out, String err, long oomKills, long refused) {
        Duration milli = Duration.ofMillis(1);
        return new SandboxResult(
                outcome,
                new Account(
                        Duration.ofMillis(1500),
                        Duration.ofSeconds(2),
                        milli,
                        milli,
                        9,
                        3,
                        oomKills,
                        refused,
                        5,
                        6,
                        OptionalLong.empty(),
                        OptionalLong.empty()),
                new SetupTime(milli, milli, milli, milli),
                captured(out),
                captured(err),
                List.of(Enforced.yes("memory", "268435456"), Enforced.yes("pids-limit", "64")));
    }

    private static Captured captured(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Captured(bytes, bytes.length);
    }

    @Test
    void aFiltersSignalSaysWhoseItIs() {
        assertThat(result(new Outcome.Signalled(Signal.SIGSYS), "", "").inWords())
                .isEqualTo("ended by SIGSYS, which the seccomp filter sends");
    }

    @Test
    void whatIsExpectedComesBack() throws Exception {
        SandboxResult good = result(new Outcome.Exited(0), "", "");
        SandboxResult one = result(new Outcome.Exited(1), "", "");

        assertThat(good.orThrow()).isSameAs(good);
        assertThat(one.orThrow(0, 1)).isSameAs(one);
    }

    @Test
    void zeroIsNoSuccessWhereAnotherCodeIsExpected() {
        assertThatThrownBy(() -> result(new Outcome.Exited(0), "", "").orThrow(3))
                .isInstanceOf(OutcomeException.class)
                .hasMessage("exit code 0, expected 3");
    }

    /** 137, 143 and 124 are exit codes that a program may have: they are not taken for the endings that look so. */
    @Test
    void anEndingIsNeverTakenForTheExitCodeThatLooksLikeIt() {
        assertThatThrownBy(() -> result(new Outcome.OutOfMemory(), "", "").orThrow(137))
                .isInstanceOf(OutcomeException.class);
        assertThatThrownBy(() ->
                        result(new Outcome.Signalled(Signal.SIGTERM), "", "").orThrow(143))
                .isInstanceOf(OutcomeException.class);
        assertThatThrownBy(() -> result(new Outcome.Timeout(), "", "").orThrow(124))
                .isInstanceOf(OutcomeException.class);
    }

    @Test
    void itCarriesTheResultAndTheTailOfStandardError() {
        SandboxResult bad = result(new Outcome.Exited(3), "out", "x".repeat(5000) + "\nno such module\n");

        assertThatThrownBy(bad::orThrow)
                .isInstanceOfSatisfying(
                        OutcomeException.class, e -> assertThat(e.result()).isSameAs(bad))
                .hasMessageStartingWith("exit code 3, expected 0; standard error ends with:\nxxx")
                .hasMessageEndingWith("\nno such module")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(2200));
    }

    @Test
    void aTailDoesNotBeginInTheMiddleOfALetter() {
        assertThatThrownBy(result(new Outcome.Exited(3), "", "a" + "é".repeat(2000) + "\n")::orThrow)
                .hasMessageContaining(":\né")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\uFFFD"));
    }

    @Test
    void whereStandardErrorIsEmptyStandardOutputTells() {
        assertThatThrownBy(result(new Outcome.Exited(1), "merged\n", "")::orThrow)
                .hasMessage("exit code 1, expected 0; standard output:\nmerged");
    }

    @Test
    void escapeSequencesOfTheProgramsDoNotReachALog() {
        assertThatThrownBy(result(new Outcome.Exited(1), "", "a\u001b[2J\r\u202eb\tc\n")::orThrow)
                .hasMessageEndingWith("a\\u001b[2J\\u000d\\u202eb\tc");
    }

    @Test
    void aCodeThatNoProgramCanHaveIsRefused() {
        SandboxResult good = result(new Outcome.Exited(0), "", "");

        assertThatThrownBy(() -> good.orThrow(0, 256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> good.orThrow(new int[0])).isInstanceOf(IllegalArgumentException.class);
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                Arguments.of(new Outcome.Exited(3), "exit code 3"),
                Arguments.of(new Outcome.Signalled(new Signal(11)), "ended by SIGSEGV"),
                Arguments.of(new Outcome.Timeout(), "killed after 1.5 s of wall time"),
                Arguments.of(new Outcome.CpuTimeout(), "killed after 2 s of processor time"),
                Arguments.of(new Outcome.OutOfMemory(), "killed at the memory limit (256m)"),
                Arguments.of(
                        new Outcome.HostOutOfMemory(),
                        "killed because the host ran out of memory: not the sandbox's limit; try again"),
                Arguments.of(new Outcome.OutputLimit(), "killed at the output limit"));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void eachEndingHasItsWords(Outcome outcome, String words) {
        assertThat(result(outcome, "abc", "de").inWords()).isEqualTo(words);
    }

    @Test
    void whatExplainsAFailureIsNamedToo() {
        assertThat(result(new Outcome.Exited(1), "", "", 1, 2).inWords())
                .isEqualTo("exit code 1; 1 process inside killed at the memory limit (256m);"
                        + " the limit of 64 processes and threads was reached, 2 forks refused");
    }
}
