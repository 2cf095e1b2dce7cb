// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class InitKernelTest extends SandboxCase {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 124, 125, 126, 127, 137, 255})
    void theExitCodeIsTheCommandsWhateverItMeansElsewhere(int code) throws Exception {
        for (boolean init : new boolean[] {true, false}) {
            SandboxResult result = probed().init(init).build().run(PROBE, "exit", Integer.toString(code));

            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(code));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 8, 9, 11, 13, 14, 15})
    void theSignalThatEndedTheCommandIsReported(int signal) throws Exception {
        assertThat(probed().build().run(PROBE, "die", Integer.toString(signal)).outcome())
                .isEqualTo(new Outcome.Signalled(new Signal(signal)));
    }

    @Test
    void orphansAreReapedAtOnce() throws Exception {
        assertThat(output(probed().build(), PROBE, "zombies", "30")).isEqualTo("zombies=0\n");
    }

    @Test
    void aDaemonThatHoldsStandardOutputDoesNotHoldTheResult() throws Exception {
        SandboxResult result = probed().build().run(PROBE, "daemonize");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.out()).contains("daemon=left");
    }

    @Test
    void withoutInitTheCommandIsThePidOne() throws Exception {
        Inside seen = report(probed().init(false).build());

        assertThat(seen.text("pid")).isEqualTo("1");
        assertThat(probed().init(false).build().run(PROBE, "daemonize").exitStatus())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void destroyIsTermToTheCommandAlone(boolean init) throws Exception {
        try (SandboxProcess process = probed().init(init).build().start(PROBE, "tell-signals")) {
            awaitLine(process, "waiting=yes");
            process.destroy();
            awaitLine(process, "signal=15");
            assertThat(process.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProgramThatIgnoresEverySignalIsEndedAllTheSame(boolean init) throws Exception {
        try (SandboxProcess process = probed().init(init).build().start(PROBE, "ignore-signals")) {
            awaitLine(process, "ignoring=all");
            process.destroyForcibly();
            assertThat(process.waitFor()).isEqualTo(137);
        }
    }

    @Test
    void theWallTimeEndsWhatIgnoresSignals() throws Exception {
        SandboxResult result = probed().wallTime(Duration.ofMillis(200)).build().run(PROBE, "ignore-signals");

        assertThat(result.outcome()).isInstanceOf(Outcome.Timeout.class);
        assertThat(result.exitStatus()).isEqualTo(124);
        assertThat(result.out()).isEqualTo("ignoring=all\n");
        assertThat(result.account().wall()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void initCannotBeKilledFromInside() throws Exception {
        Inside answers = attempt(probed().build(), "kill_init", "kill_all");

        assertThat(answers.answer("kill_init")).isIn("ok", "EPERM");
    }

    @Test
    void aProgramThatIsMissingIsENOENT() {
        assertThatThrownBy(() -> probed().build().run("/no/such/program"))
                .isInstanceOfSatisfying(SandboxException.class, failure -> {
                    assertThat(failure.errno()).contains(Errno.ENOENT);
                    assertThat(failure).hasMessageContaining("/no/such/program");
                });
    }

    @Test
    void aFileThatIsNoProgramIsEACCES() {
        assertThatThrownBy(() -> probed().build().run("/etc/passwd"))
                .isInstanceOfSatisfying(
                        SandboxException.class,
                        failure -> assertThat(failure.errno()).contains(Errno.EACCES));
    }

    @Test
    void aNameWithoutASlashIsFoundOnThePathInside() throws Exception {
        assertThat(output(probed().build(), "echo", "found")).isEqualTo("found\n");
    }

    @Test
    void theProcessorTimeOfTheWholeTreeIsCounted() throws Exception {
        SandboxResult result =
                probed().build().run("/bin/sh", "-c", "(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done) & wait");

        assertThat(result.account().cpu()).isPositive();
        assertThat(result.account().wall()).isPositive();
        assertThat(result.account().user().plus(result.account().system())).isPositive();
    }

    @Test
    void theCommandIsTheProcessThatTheHandleNames() throws Exception {
        try (SandboxProcess process = probed().build().start(PROBE, "wait")) {
            awaitLine(process, "waiting=yes");
            assertThat(Files.readString(Path.of("/proc", Long.toString(process.pid()), "comm")))
                    .isEqualTo("inside\n");
        }
    }
}
