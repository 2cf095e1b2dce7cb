// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.Sandbox;
import dev.hutch.internal.cgroup.CgroupUsage;
import dev.hutch.internal.cgroup.ContainerCgroup;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SoftStop;
import dev.hutch.support.QuietLog;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.InOrder;

/** First process: pidfd 10. Command: pidfd 20. */
@ExtendWith(QuietLog.class)
class DeadlinesTest {
    private static final int LONG = 30_000;

    private final Kernel kernel = mock(Kernel.class);
    private final ContainerCgroup cgroup = mock(ContainerCgroup.class);
    private final Deadlines deadlines = new Deadlines();

    @AfterEach
    void close() {
        deadlines.close();
    }

    private LiveChild child(Sandbox.Builder builder) throws Exception {
        when(cgroup.usage()).thenReturn(CgroupUsage.NOTHING);
        when(cgroup.limits()).thenReturn(Limits.defaults());
        when(cgroup.directories()).thenReturn(Map.of("cpu", "/c"));
        LiveChild child = LiveChild.first(
                kernel, builder.build().spec(), new Container(kernel, Ids.HOST, cgroup), Runnable::run, () -> {});
        child.cloned(10);
        child.parked(200, 20);
        return child;
    }

    private static Report report() {
        return new Report(Report.REAPED, 9, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0);
    }

    @Test
    void theCommandIsEndedWhenItsWallTimeIsUpAndTheFirstProcessWhereThatWasNotEnough() throws Exception {
        LiveChild child = child(Sandbox.builder().wallTime(Duration.ofMillis(1)));
        deadlines.watch(child);

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
        verify(kernel, timeout(LONG)).pidfdSendSignal(10, 9);
        assertThat(child.ending()).isEqualTo(LiveChild.Ending.TIMEOUT);
    }

    @Test
    void theCommandIsAskedBeforeItIsEndedWhereThatIsWanted() throws Exception {
        LiveChild child =
                child(Sandbox.builder().wallTime(Duration.ofMillis(1)).softStop(SoftStop.within(Duration.ofMillis(1))));
        deadlines.watch(child);

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
        InOrder order = inOrder(kernel);
        order.verify(kernel).pidfdSendSignal(20, 15);
        order.verify(kernel).pidfdSendSignal(20, 9);
        assertThat(child.ending()).isEqualTo(LiveChild.Ending.TIMEOUT);
    }

    @Test
    void aCommandThatCannotBeAskedIsEndedAtOnce() throws Exception {
        LiveChild child =
                child(Sandbox.builder().wallTime(Duration.ofMillis(1)).softStop(SoftStop.within(Duration.ofHours(1))));
        doThrow(new KernelException("pidfd_send_signal", "15", Errno.EPERM.number()))
                .when(kernel)
                .pidfdSendSignal(20, 15);
        deadlines.watch(child);

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
        assertThat(child.ending()).isEqualTo(LiveChild.Ending.TIMEOUT);
    }

    @Test
    void whoeverIsEndedAlreadyIsNotAsked() throws Exception {
        LiveChild child =
                child(Sandbox.builder().wallTime(Duration.ofMillis(1)).softStop(SoftStop.within(Duration.ofHours(1))));
        child.end(LiveChild.Ending.DESTROYED);

        assertThat(child.ask(15, LiveChild.Ending.TIMEOUT)).isFalse();
        assertThat(child.ending()).isEqualTo(LiveChild.Ending.DESTROYED);
        verify(kernel, never()).pidfdSendSignal(20, 15);
    }

    @Test
    void theCommandIsEndedWhenTheTreesProcessorTimeIsUp() throws Exception {
        when(cgroup.cpuNanos()).thenReturn(0L, 1_000_000L, 9_000_000L, 11_000_000L);
        LiveChild child = child(Sandbox.builder().cpuTime(Duration.ofMillis(10)));
        deadlines.watch(child);

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
        verify(cgroup, timeout(LONG).atLeast(4)).cpuNanos();
        assertThat(child.ending()).isEqualTo(LiveChild.Ending.CPU_TIMEOUT);
    }

    @Test
    void processorTimeIsLookedAtAgainWhenMoreProcessorsAreAllowed() throws Exception {
        when(cgroup.cpuNanos()).thenReturn(0L, 3_600_000_000_000L);
        LiveChild child = child(Sandbox.builder().cpuTime(Duration.ofHours(1)));
        deadlines.watch(child);
        verify(cgroup, timeout(LONG)).cpuNanos();

        child.container().update(Limits.builder().cpus(8).build());

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
    }

    @Test
    void whoeverEndedBeforeIsLeftAlone() throws Exception {
        LiveChild child = child(Sandbox.builder().wallTime(Duration.ofMillis(1)));
        child.reaped(report());
        deadlines.watch(child);
        deadlines.end(child, LiveChild.Ending.DESTROYED);

        verify(kernel, never()).pidfdSendSignal(anyInt(), anyInt());
    }

    @Test
    void aProcessorTimeThatCannotBeReadEndsTheCommandForNobodyWouldKeepTheLimit() throws Exception {
        when(cgroup.cpuNanos()).thenThrow(new KernelException("read", "cpuacct.usage", Errno.ENODEV.number()));
        LiveChild child = child(Sandbox.builder().cpuTime(Duration.ofMillis(10)));
        deadlines.watch(child);

        verify(kernel, timeout(LONG)).pidfdSendSignal(20, 9);
    }

    @Test
    void aChildThatEndsWhileTheContextIsClosedIsEndedAllTheSame() throws Exception {
        LiveChild child = child(Sandbox.builder());
        deadlines.close();

        deadlines.end(child, LiveChild.Ending.DESTROYED);

        verify(kernel).pidfdSendSignal(20, 9);
    }
}
