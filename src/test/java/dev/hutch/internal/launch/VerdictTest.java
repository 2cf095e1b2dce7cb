// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.hutch.Sandbox;
import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Account;
import dev.hutch.spec.Captured;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each outcome from what the kernel counted, and from nothing else. */
class VerdictTest {
    private static final int KILLED = 9;

    private final ContainerCgroup cgroup = mock(ContainerCgroup.class);
    private LiveChild child = child(Sandbox.builder());

    private LiveChild child(Sandbox.Builder builder) {
        Kernel kernel = mock(Kernel.class);
        Container container = new Container(kernel, Ids.HOST, cgroup);
        return LiveChild.first(kernel, builder.build().spec(), container, Runnable::run, () -> {});
    }

    @BeforeEach
    void nothingUsed() throws Exception {
        counts(0, 0);
    }

    private void counts(long oomKills, long limitHits) throws Exception {
        when(cgroup.usage())
                .thenReturn(new CgroupUsage(
                        true,
                        Duration.ofMillis(300),
                        Duration.ofMillis(200),
                        Duration.ofMillis(100),
                        1000,
                        limitHits,
                        oomKills,
                        3,
                        0,
                        OptionalLong.of(7),
                        OptionalLong.empty()));
    }

    private static Report ended(int status) {
        return new Report(Report.ENDED, status, 1, 0, 0, 0, 2, 1_000, 5_000_000_000L, 70, 30, 5, 6);
    }

    private SandboxResult result(Report report) throws SandboxException {
        return Verdicts.result(child, report, Captured.EMPTY, Captured.EMPTY);
    }

    private Outcome outcome(int status) throws SandboxException {
        return result(ended(status)).outcome();
    }

    /** By the clock, since the news of an end may come after the signal. */
    @Test
    void whoeverWasAskedAndEndedLaterTimedOutAndWhoeverHadEndedBeforeDidNot() throws Exception {
        long before = System.nanoTime();
        child.ask(15, LiveChild.Ending.TIMEOUT);

        assertThat(result(endedAt(before)).outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result(endedAt(System.nanoTime())).outcome()).isEqualTo(new Outcome.Timeout());
    }

    private static Report endedAt(long nanos) {
        return new Report(Report.ENDED, 0, 1, 0, 0, 0, 2, 1_000, nanos, 70, 30, 5, 6);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 124, 125, 126, 127, 137, 255})
    void everyExitCodeIsTheProgramsOwn(int code) throws Exception {
        assertThat(outcome(code << 8)).isEqualTo(new Outcome.Exited(code));
    }

    @ParameterizedTest
    @CsvSource({"9, 9", "11, 11", "134, 6", "64, 64"})
    void aSignalIsItsNumberWithoutTheCoreFlag(int status, int number) throws Exception {
        assertThat(outcome(status)).isEqualTo(new Outcome.Signalled(new Signal(number)));
    }

    @ParameterizedTest
    @CsvSource({"TIMEOUT, timeout", "CPU_TIMEOUT, cpu-timeout", "OUTPUT_LIMIT, output-limit", "DESTROYED, signalled"})
    void whatWeEndedOurselvesIsCalledByItsReason(LiveChild.Ending why, String word) throws Exception {
        counts(1, 1);
        child.end(why);

        assertThat(outcome(KILLED).word()).isEqualTo(word);
    }

    @Test
    void aProgramThatWasFasterThanItsDeadlineKeepsItsExit() throws Exception {
        child.end(LiveChild.Ending.TIMEOUT);

        assertThat(outcome(3 << 8)).isEqualTo(new Outcome.Exited(3));
    }

    @Test
    void oneThatWasEndedBeforeItsExecveHasRunForNoTime() throws Exception {
        child.end(LiveChild.Ending.DESTROYED);

        assertThat(result(unstarted(KILLED)).account().wall()).isZero();
    }

    @Test
    void whoJoinedAContainerThatEndedWithItIsKilledAlsoBeforeItsExecve() throws Exception {
        LiveChild host = child;
        child = LiveChild.joining(mock(Kernel.class), host.spec(), host);
        host.end(LiveChild.Ending.DESTROYED);

        assertThat(result(unstarted(KILLED)).outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
    }

    private static Report unstarted(int status) {
        return new Report(Report.ENDED, status, 1, 0, 0, 0, 2, 0, 5_000_000_000L, 70, 30, 5, 6);
    }

    @Test
    void theOomKillersVictimAtItsOwnLimitIsOutOfMemory() throws Exception {
        counts(1, 1);

        assertThat(outcome(KILLED)).isEqualTo(new Outcome.OutOfMemory());
    }

    @Test
    void theOomKillersVictimAtAnothersLimitIsNotBlamed() throws Exception {
        counts(1, 0);

        assertThat(outcome(KILLED)).isEqualTo(new Outcome.HostOutOfMemory());
    }

    @Test
    void aKilledProgramThatReachedTheLimitButNoOomKillerWasJustKilled() throws Exception {
        counts(0, 7);

        assertThat(outcome(KILLED)).isEqualTo(new Outcome.Signalled(new Signal(9)));
    }

    @Test
    void aProgramThatLostAChildToTheOomKillerKeepsItsOwnExit() throws Exception {
        counts(2, 1);

        assertThat(outcome(1 << 8)).isEqualTo(new Outcome.Exited(1));
        assertThat(result(ended(1 << 8)).account().oomKills()).isEqualTo(2);
    }

    @Test
    void theProcessorTimeIsTheCgroupsWithoutWhatTheSetUpTook() throws Exception {
        when(cgroup.cpuNanos()).thenReturn(Duration.ofMillis(30).toNanos());
        child.started(List.of());

        Account account = result(ended(0)).account();

        assertThat(account.cpu()).isEqualTo(Duration.ofMillis(270));
        assertThat(account.user()).isEqualTo(Duration.ofMillis(180));
        assertThat(account.system()).isEqualTo(Duration.ofMillis(90));
    }

    @Test
    void wall_time_isFromExecveToTheReapingOnTheProgramsOwnClock() throws Exception {
        child = child(
                Sandbox.builder().timeOffsets(new dev.hutch.spec.TimeOffsets(Duration.ofSeconds(2), Duration.ZERO)));
        Report report = new Report(Report.ENDED, 0, 1, 0, 0, 0, 2, 3_000_000_000L, 1_500_000_000L, 0, 0, 0, 0);

        assertThat(result(report).account().wall()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void aFailedExecveThatAFilterSilencedIsAStartThatFailed() throws Exception {
        child.started(List.of(Op.mountPrivate(), Op.execve(List.of("/no"), List.of("/no"), List.of())));
        Report report = new Report(
                Report.ENDED, 31, 1, OpFailure.STAGE_OP, 1, Errno.ENOENT.number(), 2, 1_000, 2_000, 0, 0, 0, 0);

        assertThatThrownBy(() -> result(report))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("execve /no: ENOENT");
    }

    @Test
    void aCommandThatWasKilledBeforeItsExecveDidNotRun() throws Exception {
        counts(1, 1);
        Report report = new Report(Report.ENDED, KILLED, 1, 0, 0, 0, 2, 0, 2_000, 0, 0, 0, 0);

        assertThatThrownBy(() -> result(report)).hasMessageContaining("raise --memory");
    }

    @Test
    void anInitThatEndsWithoutAReportIsNoExitOfTheProgram() {
        Report silent = new Report(Report.REAPED, 0, 1, 0, 0, 0, 2, 1_000, 0, 0, 0, 0, 0);

        assertThatThrownBy(() -> result(silent))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("without telling")
                .hasMessageContaining("start again");
    }

    @Test
    void anInitThatWasKilledIsAKilledProgram() throws Exception {
        Report killed = new Report(Report.REAPED, KILLED, 1, 0, 0, 0, 2, 1_000, 0, 0, 0, 0, 0);

        assertThat(result(killed).outcome()).isEqualTo(new Outcome.Signalled(new Signal(9)));
    }
}
