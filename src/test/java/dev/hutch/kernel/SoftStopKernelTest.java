// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.SoftStop;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A command whose time is up is asked first, and killed when it has not ended by then. */
@KernelTest(Need.USER_NAMESPACES)
class SoftStopKernelTest extends SandboxCase {
    /** Long enough for a shell to have set its trap, on a busy machine too. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** Longer than any test may take: who waits for its end never passes. */
    private static final SoftStop PATIENT = SoftStop.within(Duration.ofHours(1));

    private static final SoftStop HASTY = SoftStop.within(Duration.ofSeconds(1));

    @Test
    void oneThatObeysEndsByItselfAndItsTimeWasUpAllTheSame() throws Exception {
        SandboxResult result = sandbox()
                .wallTime(SHORT)
                .softStop(PATIENT)
                .build()
                .run("sh", "-c", "trap 'echo tidied; exit 3' TERM; echo begun; while :; do sleep 0.01; done");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(result.out()).isEqualTo("begun\ntidied\n");
        assertThat(result.enforced())
                .anySatisfy(each -> assertThat(each.toString()).contains("soft-stop", "SIGTERM, killed after PT1H"));
    }

    @Test
    void oneWithoutAHandlerDiesOfTheSignalAndTimedOut() throws Exception {
        SandboxResult result =
                sandbox().wallTime(SHORT).softStop(PATIENT).build().run("sleep", "3600");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
    }

    @Test
    void oneThatDoesNotObeyIsKilledWithAllThatItStarted() throws Exception {
        SandboxResult result = sandbox()
                .wallTime(SHORT)
                .softStop(HASTY)
                .build()
                .run("sh", "-c", "trap 'echo asked' TERM; setsid sleep 3600 & while :; do sleep 0.01; done");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(result.out()).isEqualTo("asked\n");
    }

    @Test
    void oneThatHasStoppedItselfIsKilled() throws Exception {
        SandboxResult result = sandbox()
                .wallTime(SHORT)
                .softStop(HASTY)
                .build()
                .run("sh", "-c", "trap 'echo asked' TERM; kill -STOP $$; echo never");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(result.out()).isEmpty();
    }

    @Test
    void oneThatIsPid1AndHasNoHandlerIsKilledAfterTheGrace() throws Exception {
        SandboxResult result =
                sandbox().wallTime(SHORT).softStop(HASTY).init(false).build().run("sleep", "3600");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
    }

    @Test
    void oneThatEndsInTimeIsNotAsked() throws Exception {
        SandboxResult result = sandbox()
                .wallTime(Duration.ofHours(1))
                .softStop(HASTY)
                .build()
                .run("sh", "-c", "trap 'echo asked' TERM; exit 4");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(4));
        assertThat(result.out()).isEmpty();
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void oneThatHasUsedUpItsProcessorTimeIsAskedBySomeOtherSignal() throws Exception {
        SandboxResult result = sandbox()
                .cpuTime(SHORT)
                .softStop(new SoftStop(Signal.SIGINT, Duration.ofHours(1)))
                .build()
                .run("sh", "-c", "trap 'echo interrupted; exit' INT; while :; do :; done");

        assertThat(result.outcome()).isEqualTo(new Outcome.CpuTimeout());
        assertThat(result.out()).isEqualTo("interrupted\n");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void oneThatIsPausedGoesOnForIt() throws Exception {
        try (SandboxProcess process = sandbox()
                .wallTime(Duration.ofSeconds(2))
                .softStop(PATIENT)
                .build()
                .start("sh", "-c", "trap 'echo tidied; exit 3' TERM; echo begun; while :; do sleep 0.01; done")) {
            awaitLine(process, "begun");
            process.pause();

            assertThat(process.result().outcome()).isEqualTo(new Outcome.Timeout());
            assertThat(process.inputReader().readLine()).isEqualTo("tidied");
        }
    }

    @Test
    void aCallInASessionIsAskedTooAndTheSessionGoesOn() throws Exception {
        try (SandboxSession session =
                sandbox().wallTime(SHORT).softStop(PATIENT).build().session()) {
            SandboxResult result =
                    session.run("sh", "-c", "trap 'echo tidied; exit 3' TERM; while :; do sleep 0.01; done");

            assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
            assertThat(result.out()).isEqualTo("tidied\n");
            assertThat(session.run("echo", "next").out()).isEqualTo("next\n");
        }
    }

    @Test
    void thePlanSaysSo() throws Exception {
        List<String> plan = sandbox().wallTime(SHORT).softStop(HASTY).build().plan(Command.of("true"));

        assertThat(plan).contains("after 1000 ms of wall time send SIGTERM, and 1000 ms later kill everything");
    }
}
