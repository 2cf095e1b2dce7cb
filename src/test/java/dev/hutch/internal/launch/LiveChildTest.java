// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doNothing;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.Sandbox;
import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Usage;
import dev.hutch.support.QuietLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.InOrder;

/** First process: pidfd 10, watched by 11. Command: pid 200, pidfd 20. */
@ExtendWith(QuietLog.class)
class LiveChildTest {
    private final Kernel kernel = mock(Kernel.class);
    private final ContainerCgroup cgroup = mock(ContainerCgroup.class);
    private final Runnable idsGivenBack = mock(Runnable.class);
    private final LiveChild child = child(Runnable::run);

    @BeforeEach
    void works() throws Exception {
        when(kernel.dup(10)).thenReturn(11);
        when(cgroup.usage()).thenReturn(CgroupUsage.NOTHING);
        when(cgroup.enforced()).thenReturn(List.of());
        when(cgroup.directories()).thenReturn(Map.of("pids", "/sys/fs/cgroup/pids/hutch/jvm-1/brave-otter"));
    }

    private LiveChild child(Executor cleaner) {
        Container container = new Container(kernel, Ids.HOST, cgroup);
        return LiveChild.first(kernel, Sandbox.builder().build().spec(), container, cleaner, idsGivenBack);
    }

    private static Report report(int kind, int status) {
        return new Report(kind, status, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0);
    }

    private static final Report REAPED = report(Report.REAPED, 0);

    private void start() throws Exception {
        child.cloned(10);
        child.parked(200, 20);
    }

    @Test
    void whatItHoldsIsGivenBackWhenItsFirstProcessIsReaped() throws Exception {
        start();
        child.reaped(REAPED);

        assertThat(child.gone()).isCompleted();
        InOrder order = inOrder(cgroup, idsGivenBack);
        order.verify(cgroup).usage();
        order.verify(cgroup).remove();
        order.verify(idsGivenBack).run();
        verify(kernel, times(1)).close(10);
        verify(kernel, times(1)).close(20);
        verify(kernel, never()).close(11);
    }

    @Test
    void itsRoomIsGivenBackBeforeAnybodyHearsOfItsEnd() throws Exception {
        List<Boolean> goneBefore = new ArrayList<>();
        Permit permit = mock(Permit.class);
        doAnswer(call -> goneBefore.add(child.gone().isDone())).when(permit).giveBack();
        start();
        child.container().keep(permit);
        assertThat(goneBefore).isEmpty();

        child.reaped(REAPED);
        child.lost();
        assertThat(goneBefore).containsExactly(false);

        child.container().keep(permit);
        assertThat(goneBefore).as("one that was handed on late").containsExactly(false, true);
    }

    @Test
    void whoWasKilledBeforeItsExecveIsToldAfterItsContainersEnd() throws Exception {
        start();
        LiveChild joined = LiveChild.joining(kernel, child.spec(), child);
        List<Boolean> overBefore = new ArrayList<>();
        joined.ended().thenRun(() -> overBefore.add(child.container().isOver()));

        joined.ended(new Report(Report.ENDED, 9, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0));
        child.reaped(REAPED);

        assertThat(overBefore).containsExactly(true);
    }

    @Test
    void whoWasKilledBeforeItsExecveInAContainerThatLivesIsToldTooAMomentLater() throws Exception {
        start();
        LiveChild joined = LiveChild.joining(kernel, child.spec(), child);
        Report killed = new Report(Report.ENDED, 9, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0);

        joined.ended(killed);

        assertThat(joined.ended().get(30, TimeUnit.SECONDS)).isSameAs(killed);
        assertThat(joined.wentWithItsContainer()).isFalse();
    }

    @Test
    void endingTwiceGivesBackOnce() throws Exception {
        start();
        child.reaped(REAPED);
        child.lost();
        child.abandonUncloned();

        verify(idsGivenBack, times(1)).run();
        verify(cgroup, times(1)).remove();
        verify(kernel, times(1)).close(10);
    }

    @Test
    void descriptorsThatComeAfterItsEndAreClosedAtOnce() throws Exception {
        child.reaped(REAPED);
        start();

        verify(kernel).close(10);
        verify(kernel).close(20);
        assertThat(child.takeWatch()).as("its taker's to close").isEqualTo(11);
    }

    @Test
    void idsOfProcessesThatMayLiveAreNotGivenBack() throws Exception {
        doThrow(new SandboxException("rmdir", "/x", Errno.EBUSY, ""))
                .when(cgroup)
                .remove();
        start();
        child.reaped(REAPED);

        assertThat(child.gone()).isCompleted();
        verify(idsGivenBack, never()).run();
        verify(kernel).close(10);
    }

    @Test
    void whoeverIsInsideAfterTheEndIsEnded() throws Exception {
        doThrow(new SandboxException("rmdir", "/x", Errno.EBUSY, ""))
                .doNothing()
                .when(cgroup)
                .remove();
        start();
        child.reaped(REAPED);

        InOrder order = inOrder(cgroup, idsGivenBack);
        order.verify(cgroup).remove();
        order.verify(cgroup).kill(any());
        order.verify(cgroup).remove();
        order.verify(idsGivenBack).run();
    }

    @Test
    void aPidSeenInsideIsKilledByPidfdAndOnlyIfItIsStillInside() throws Exception {
        doAnswer(call -> {
                    IntConsumer killPid = call.getArgument(0);
                    killPid.accept(301);
                    killPid.accept(302);
                    killPid.accept(303);
                    return null;
                })
                .when(cgroup)
                .kill(any());
        when(kernel.pidfdOpen(301)).thenReturn(31);
        when(kernel.pidfdOpen(302)).thenReturn(32);
        when(kernel.pidfdOpen(303)).thenThrow(new KernelException("pidfd_open", "303", Errno.ESRCH.number()));
        when(kernel.read("/proc/301/cgroup")).thenReturn("3:pids:/hutch/jvm-1/brave-otter\n");
        when(kernel.read("/proc/302/cgroup")).thenReturn("3:pids:/user.slice\n");
        start();
        child.lost();

        verify(kernel).pidfdSendSignal(31, 9);
        verify(kernel, never()).pidfdSendSignal(32, 9);
        verify(kernel).close(31);
        verify(kernel).close(32);
        verify(idsGivenBack).run();
    }

    @Test
    void aCountThatCannotBeReadHindersNoRemoval() throws Exception {
        when(cgroup.usage()).thenThrow(new KernelException("read", "memory.peak", Errno.ENODEV.number()));
        start();
        child.reaped(REAPED);

        verify(cgroup).remove();
        verify(idsGivenBack).run();
    }

    @Test
    void aLostZygoteIsAClearErrorAndNobodyInsideIsSpared() throws Exception {
        start();
        child.lost();

        assertThatThrownBy(() -> child.ended().get())
                .hasRootCauseInstanceOf(SandboxException.class)
                .hasMessageContaining("a new start gets a new one");
        InOrder order = inOrder(cgroup);
        order.verify(cgroup).kill(any());
        order.verify(cgroup).remove();
    }

    @Test
    void anEndThatIsToldWhileTheContextIsClosedIsNotLost() throws Exception {
        LiveChild late = child(work -> {
            throw new RejectedExecutionException();
        });
        late.cloned(10);
        late.reaped(REAPED);

        assertThat(late.gone()).isCompleted();
        verify(idsGivenBack).run();
    }

    @Test
    void theFirstReportIsTheResult() throws Exception {
        Report ended = report(Report.ENDED, 0x300);
        start();
        child.ended(ended);
        child.reaped(REAPED);

        assertThat(child.ended().get()).isEqualTo(ended);
    }

    @Test
    void endingKillsTheCommandAndBeforeThereIsOneTheFirstProcess() throws Exception {
        child.cloned(10);
        child.end(LiveChild.Ending.DESTROYED);
        child.parked(200, 20);
        child.end(LiveChild.Ending.TIMEOUT);

        InOrder order = inOrder(kernel);
        order.verify(kernel).pidfdSendSignal(10, 9);
        order.verify(kernel).pidfdSendSignal(20, 9);
        assertThat(child.ending()).as("the first reason").isEqualTo(LiveChild.Ending.DESTROYED);
    }

    @Test
    void anEndedChildTakesNoSignalAndHasNoOtherReasonToEnd() throws Exception {
        start();
        child.reaped(REAPED);
        child.signal(15);
        child.end(LiveChild.Ending.TIMEOUT);

        verify(kernel, never()).pidfdSendSignal(anyInt(), anyInt());
        assertThat(child.ending()).isNull();
    }

    @Test
    void aSignalToACommandThatHasJustEndedIsNoFailure() throws Exception {
        doThrow(new KernelException("pidfd_send_signal", "15", Errno.ESRCH.number()))
                .doNothing()
                .when(kernel)
                .pidfdSendSignal(20, 15);
        start();

        child.signal(15);

        verify(kernel).pidfdSendSignal(20, 15);
    }

    @Test
    void aWatchThatCannotBeCopiedLosesNoDescriptor() throws Exception {
        when(kernel.dup(10)).thenThrow(new KernelException("fcntl", "", Errno.EMFILE.number()));
        doNothing().when(cgroup).remove();

        assertThatThrownBy(() -> child.cloned(10)).isInstanceOf(KernelException.class);
        child.reaped(REAPED);

        verify(kernel).close(10);
    }

    private LiveChild joined() throws Exception {
        when(kernel.dup(30)).thenReturn(31);
        LiveChild joined = LiveChild.joining(kernel, child.spec(), child);
        joined.cloned(30);
        joined.parked(300, 33);
        return joined;
    }

    @Test
    void whoJoinedLeavesTheContainerAsItIs() throws Exception {
        start();
        LiveChild joined = joined();
        joined.end(LiveChild.Ending.DESTROYED);
        joined.ended(report(Report.ENDED, 9));
        joined.reaped(REAPED);

        assertThat(joined.gone()).isCompleted();
        verify(kernel).pidfdSendSignal(33, 9);
        verify(kernel).close(30);
        verify(kernel).close(33);
        verify(kernel, never()).pidfdSendSignal(20, 9);
        verify(cgroup, never()).remove();
        assertThat(child.ended()).isNotDone();
        assertThat(joined.host()).isSameAs(child);
    }

    @Test
    void theContainerIsNotRemovedBeforeWhoJoinedItIsGone() throws Exception {
        start();
        LiveChild joined = joined();
        child.reaped(REAPED);

        verify(cgroup, never()).remove();
        assertThatThrownBy(this::joined).isInstanceOf(SandboxException.class).hasMessageContaining("has ended");

        joined.reaped(REAPED);
        verify(cgroup).remove();
        verify(idsGivenBack).run();
    }

    @Test
    void nobodyJoinsAPausedContainerAndTheEndOfOneLetsItGoOnForThatLong() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenReturn(true);
        start();
        LiveChild joined = joined();
        child.container().pause();

        assertThatThrownBy(this::joined).hasMessageContaining("resume it first");
        joined.end(LiveChild.Ending.DESTROYED);
        joined.reaped(REAPED);

        InOrder order = inOrder(kernel, cgroup);
        order.verify(cgroup).freeze(true);
        order.verify(kernel).pidfdSendSignal(33, 9);
        order.verify(cgroup).freeze(false);
        order.verify(cgroup).freeze(true);
    }

    @Test
    void whatWasMetBeforeItJoinedIsNotItsOwn() throws Exception {
        start();
        LiveChild joined = joined();
        when(cgroup.usage()).thenReturn(met(2, 5, 7));
        joined.started(List.of());
        when(cgroup.usage()).thenReturn(met(3, 6, 9));
        joined.ended(REAPED);

        assertThat(joined.counted().oomKills()).isEqualTo(1);
        assertThat(joined.counted().memoryLimitHits()).isEqualTo(1);
        assertThat(joined.counted().pidsLimitHits()).isEqualTo(2);
        assertThat(child.counted().oomKills()).isEqualTo(3);
    }

    private static CgroupUsage met(long oomKills, long memoryLimitHits, long pidsLimitHits) {
        return new CgroupUsage(
                true,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                4096,
                memoryLimitHits,
                oomKills,
                3,
                pidsLimitHits,
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private static final CgroupUsage COUNTED = new CgroupUsage(
            true,
            Duration.ofMillis(10),
            Duration.ofMillis(8),
            Duration.ofMillis(2),
            4096,
            0,
            0,
            3,
            0,
            OptionalLong.of(7),
            OptionalLong.of(8));

    @Test
    void usageIsTheCgroupsWhileItLivesWithoutTheSetUp() throws Exception {
        when(cgroup.cpuNanos()).thenReturn(1_000_000L);
        when(cgroup.current(1_000_000)).thenReturn(Usage.NONE);
        start();
        child.started(List.of());

        assertThat(child.usage()).isSameAs(Usage.NONE);
    }

    @Test
    void usageAfterTheEndIsWhatWasCountedLast() throws Exception {
        when(cgroup.usage()).thenReturn(COUNTED);
        when(cgroup.cpuNanos()).thenReturn(5_000_000L);
        start();
        child.started(List.of());
        child.reaped(REAPED);

        Usage last = child.usage();

        assertThat(last.cpu()).contains(Duration.ofMillis(5));
        assertThat(last.user()).contains(Duration.ofMillis(4));
        assertThat(last.peakMemory()).hasValue(4096);
        assertThat(last.peakPids()).hasValue(3);
        assertThat(last.bytesRead()).hasValue(7);
        assertThat(last.bytesWritten()).hasValue(8);
        assertThat(last.memory()).isEmpty();
        verify(cgroup, never()).current(anyLong());
    }

    @Test
    void withoutACgroupUsageIsAnErrorWithItsCure() throws Exception {
        when(cgroup.directories()).thenReturn(Map.of());
        start();

        assertThatThrownBy(child::usage).isInstanceOf(SandboxException.class).hasMessageContaining("delegated cgroup");
    }

    @Test
    void pausingWaitsUntilAllHaveStoppedAndResumingLetsThemGoOn() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenReturn(true);
        start();
        child.container().pause();
        child.container().resume();
        child.container().resume();

        InOrder order = inOrder(cgroup);
        order.verify(cgroup).freeze(true);
        order.verify(cgroup).awaitFrozen(anyLong());
        order.verify(cgroup, times(1)).freeze(false);
    }

    @Test
    void whatDoesNotStopIsLetGoOnAndToldAgain() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenReturn(false, true);
        start();
        child.container().pause();

        InOrder order = inOrder(cgroup);
        order.verify(cgroup).freeze(true);
        order.verify(cgroup).freeze(false);
        order.verify(cgroup).freeze(true);
    }

    @Test
    void whatDoesNotStopInTimeGoesOn() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenAnswer(call -> {
            Thread.sleep(20);
            return false;
        });
        start();

        assertThatThrownBy(child.container()::pause)
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("pause: not all processes stopped within 5 s");
        InOrder order = inOrder(cgroup);
        order.verify(cgroup, atLeast(2)).freeze(true);
        order.verify(cgroup).freeze(false);
        order.verify(cgroup, never()).freeze(true);
    }

    @Test
    void whoeverResumesWhileItIsBeingPausedWins() throws Exception {
        start();
        when(cgroup.awaitFrozen(anyLong())).thenAnswer(call -> {
            child.container().resume();
            return false;
        });

        assertThatThrownBy(child.container()::pause).hasMessageContaining("resumed meanwhile");
        verify(cgroup, times(1)).freeze(true);
    }

    @Test
    void aPausedSandboxIsKilledFirstAndThawedThen() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenReturn(true);
        start();
        child.container().pause();
        child.end(LiveChild.Ending.TIMEOUT);

        InOrder order = inOrder(kernel, cgroup);
        order.verify(kernel).pidfdSendSignal(20, 9);
        order.verify(cgroup).freeze(false);
    }

    @Test
    void endingWhileItIsBeingPausedIsSaidAndNothingStaysFrozen() throws Exception {
        start();
        when(cgroup.awaitFrozen(anyLong())).thenAnswer(call -> {
            child.end(LiveChild.Ending.DESTROYED);
            return false;
        });

        assertThatThrownBy(child.container()::pause).hasMessageContaining("has ended");
        verify(cgroup, times(1)).freeze(false);
        assertThatThrownBy(child.container()::pause).hasMessageContaining("has ended");
        verify(cgroup, times(1)).freeze(true);
    }

    @Test
    void theZygoteLostAPausedSandboxIsThawedForItsEnd() throws Exception {
        when(cgroup.awaitFrozen(anyLong())).thenReturn(true);
        start();
        child.container().pause();
        child.lost();

        InOrder order = inOrder(cgroup);
        order.verify(cgroup).freeze(false);
        order.verify(cgroup).kill(any());
    }

    @Test
    void withoutACgroupPausingIsAnErrorWithItsCure() throws Exception {
        when(cgroup.directories()).thenReturn(Map.of());
        start();

        assertThatThrownBy(child.container()::pause).hasMessageContaining("delegated cgroup");
        assertThatThrownBy(child.container()::resume).hasMessageContaining("delegated cgroup");
    }

    @Test
    void limitsOfAnEndedSandboxCannotBeChanged() throws Exception {
        start();
        child.reaped(REAPED);

        assertThatThrownBy(() -> child.container().update(Limits.defaults())).hasMessageContaining("has ended");
        verify(cgroup, never()).update(any());
    }
}
