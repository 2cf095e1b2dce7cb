// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.ArgumentMatchers.intThat;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.QuietLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A kernel that hands out descriptors and counts them, and a zygote that says what the test queues. */
@Timeout(60)
@ExtendWith(QuietLog.class)
class ZygoteTest {
    private static final long LONG = 30_000;
    private static final int PID = 4711;

    private interface Answer {
        int give(ByteBuffer buffer) throws KernelException;
    }

    private final Kernel kernel = mock(Kernel.class);
    private final Set<Integer> open = new TreeSet<>();
    private final List<String> twice = new ArrayList<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    /** What poll says; the zygote's thread calls the mock, so no test may stub it once that runs. */
    private volatile int ready = 1;

    private int nextFd = 10;
    private int calls;
    private int failAt = Integer.MAX_VALUE;

    private synchronized int fd() {
        open.add(nextFd);
        return nextFd++;
    }

    private synchronized void call(String name) throws KernelException {
        if (calls++ == failAt) {
            throw new KernelException(name, "", Errno.EMFILE.number());
        }
    }

    @BeforeEach
    void kernelWorks() throws Exception {
        when(kernel.socketPair()).thenAnswer(call -> {
            call("socketpair");
            return new int[] {fd(), fd()};
        });
        when(kernel.pipe()).thenAnswer(call -> {
            call("pipe");
            return new int[] {fd(), fd()};
        });
        when(kernel.dup(anyInt())).thenAnswer(call -> {
            call("dup");
            return fd();
        });
        when(kernel.sealedMemory(anyString(), any(), anyBoolean())).thenAnswer(call -> {
            call("memfd_create");
            return fd();
        });
        when(kernel.spawn(anyInt(), anyInt(), anyInt())).thenAnswer(call -> {
            call("posix_spawn");
            return PID;
        });
        when(kernel.pidfdOpen(PID)).thenAnswer(call -> {
            call("pidfd_open");
            return fd();
        });
        doAnswer(call -> {
                    call("sendmsg");
                    return null;
                })
                .when(kernel)
                .send(anyInt(), any(), anyInt(), any(int[].class));
        doAnswer(call -> {
                    closed(call.getArgument(0));
                    return null;
                })
                .when(kernel)
                .close(anyInt());
        when(kernel.poll(eq(-1), eq(0), anyInt(), anyInt())).thenAnswer(call -> ready);
        when(kernel.receive(anyInt(), any())).thenAnswer(call -> {
            int length = answers.take().give(call.getArgument(1));
            return new Kernel.Message(length, 0, new int[0]);
        });
    }

    private synchronized void closed(int fd) {
        if (!open.remove(fd)) {
            twice.add("closed " + fd + " again");
        }
    }

    private void says(int kind, long id, int status, int error) {
        answers.add(buffer -> {
            buffer.putInt(0, kind).putInt(4, status).putLong(8, id).putInt(24, error);
            return Report.SIZE;
        });
    }

    private void fails(Errno errno) {
        answers.add(buffer -> {
            throw new KernelException("recvmsg", "", errno.number());
        });
    }

    private void ends() {
        answers.add(buffer -> 0);
    }

    private Zygote started() throws Exception {
        says(Report.SETUP, 0, 0, 0);
        return Zygote.start(kernel, List.of(Op.mountPrivate()), new Trees(kernel));
    }

    private void nothingOpen() {
        assertThat(twice).isEmpty();
        assertThat(open).isEmpty();
    }

    @Test
    void aStartThatFailsAtAnyCallLeavesNoDescriptorAndNoZombie() throws Exception {
        Zygote whole = started();
        int all = calls;
        ends();
        whole.close();
        nothingOpen();
        assertThat(all).isGreaterThanOrEqualTo(8);

        for (int i = 0; i < all; i++) {
            calls = 0;
            failAt = i;
            answers.clear();
            says(Report.SETUP, 0, 0, 0);
            ends();
            assertThatThrownBy(() -> Zygote.start(kernel, List.of(Op.mountPrivate()), new Trees(kernel)))
                    .as("call %d fails", i)
                    .isInstanceOf(KernelException.class);
            nothingOpen();
        }
        verify(kernel, times(3)).waitPid(PID);
    }

    /** Its own descriptors become 3 and 4: in a JVM where those are free the program would be overwritten by them. */
    @Test
    void noDescriptorOfTheSpawnHasANumberThatAnotherBecomes() throws Exception {
        doAnswer(call -> {
                    open.add(4);
                    return 4;
                })
                .when(kernel)
                .sealedMemory(anyString(), any(), anyBoolean());
        Zygote zygote = started();
        ends();
        zygote.close();

        verify(kernel).spawn(intThat(fd -> fd > 4), intThat(fd -> fd > 4), intThat(fd -> fd > 4));
        nothingOpen();
    }

    @Test
    void aSetUpThatTheZygoteCouldNotDoIsNamed() {
        says(Report.SETUP, 0, 0, 0);
        answers.clear();
        answers.add(buffer -> {
            buffer.putInt(0, Report.SETUP)
                    .putInt(16, OpFailure.STAGE_OP)
                    .putInt(20, 0)
                    .putInt(24, 1);
            return Report.SIZE;
        });
        ends();

        assertThatThrownBy(() -> Zygote.start(kernel, List.of(Op.mountPrivate()), new Trees(kernel)))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("mount --make-rprivate");
        nothingOpen();
    }

    @Test
    void reportsReachTheirListenersAndNoOthers() throws Exception {
        Zygote.Listener first = mock(Zygote.Listener.class);
        Zygote.Listener second = mock(Zygote.Listener.class);
        Zygote zygote = started();
        zygote.request(1, 0, 0, first, 5);
        zygote.request(2, 0, 0, second, 5);
        says(Report.ENDED, 1, 0x300, 0);
        says(Report.REAPED, 1, 0, 0);
        says(Report.REAPED, 99, 0, 0);
        ends();
        zygote.close();

        verify(first, times(1)).ended(any());
        verify(first, times(1)).reaped(any());
        verify(first, never()).lost();
        verify(second, never()).ended(any());
        verify(second, times(1)).lost();
        nothingOpen();
    }

    @Test
    void whatAKilledZygoteHadReportedBeforeIsHeard() throws Exception {
        Zygote.Listener listener = mock(Zygote.Listener.class);
        Zygote zygote = started();
        zygote.request(1, 0, 0, listener, 5);
        fails(Errno.ECONNRESET);
        says(Report.ENDED, 1, 0, 0);
        ends();

        verify(listener, timeout(LONG)).lost();
        verify(listener).ended(any());
        verify(kernel).waitPid(PID);
        zygote.close();
        nothingOpen();
    }

    @Test
    void theDeathOfTheZygoteIsSeenThoughAnotherHoldsItsSocket() throws Exception {
        Zygote.Listener listener = mock(Zygote.Listener.class);
        Zygote zygote = started();
        zygote.request(1, 0, 0, listener, 5);
        ready = 2;
        says(Report.ENDED, 1, 0, 0);

        verify(listener, timeout(LONG)).lost();
        assertThat(zygote.alive()).isFalse();
        nothingOpen();
        zygote.close();
        nothingOpen();
    }

    @Test
    void anErrorWhileListeningLosesTheSandboxesButKeepsNobodyWaiting() throws Exception {
        Zygote.Listener listener = mock(Zygote.Listener.class);
        Zygote zygote = started();
        zygote.request(1, 0, 0, listener, 5);
        fails(Errno.EMFILE);

        verify(listener, timeout(LONG)).lost();
        zygote.close();
        nothingOpen();
    }

    @Test
    void nothingIsSentToASocketThatHasBeenClosed() throws Exception {
        Zygote zygote = started();
        ends();
        zygote.close();
        Zygote.Listener listener = mock(Zygote.Listener.class);
        int sent = calls;

        assertThatThrownBy(() -> zygote.request(1, 0, 0, listener, 5))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("start again");
        assertThat(calls).isEqualTo(sent);
        verify(listener, never()).lost();
    }

    @Test
    void aRequestThatCouldNotBeSentIsForgotten() throws Exception {
        Zygote zygote = started();
        failAt = calls;
        Zygote.Listener listener = mock(Zygote.Listener.class);

        assertThatThrownBy(() -> zygote.request(1, 0, 0, listener, 5)).hasMessageContaining("start again");
        ends();
        zygote.close();

        verify(listener, never()).lost();
    }
}
