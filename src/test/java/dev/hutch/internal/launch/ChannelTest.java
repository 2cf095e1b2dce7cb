// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Descriptor 7 is Java's end; what the child says is queued. */
class ChannelTest {
    private static final PlanPart PART =
            new PlanPart(List.of(Op.mountPrivate(), Op.sethostname("brave-otter"), Op.ready()));

    private interface Answer {
        Kernel.Message give(ByteBuffer buffer) throws KernelException;
    }

    private final Kernel kernel = mock(Kernel.class);
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Channel channel = new Channel(kernel, 7);

    @BeforeEach
    void childAnswers() throws Exception {
        when(kernel.receive(eq(7), any()))
                .thenAnswer(call -> answers.isEmpty()
                        ? new Kernel.Message(0, 0, new int[0])
                        : answers.poll().give(call.getArgument(1)));
    }

    private void says(int kind, int stage, int op, int error, int pid, int sender, int... fds) {
        answers.add(buffer -> {
            buffer.putInt(0, kind)
                    .putInt(4, stage)
                    .putInt(8, op)
                    .putInt(12, error)
                    .putInt(16, pid);
            return new Kernel.Message(Channel.MESSAGE_SIZE, sender, fds);
        });
    }

    private void fails(Errno errno) {
        answers.add(buffer -> {
            throw new KernelException("recvmsg", "7", errno.number());
        });
    }

    private void sendFails(Errno errno) throws Exception {
        doThrow(new KernelException("sendmsg", "", errno.number()))
                .when(kernel)
                .send(anyInt(), any(), anyInt(), any(int[].class));
    }

    @Test
    void theCloneIsAnsweredByPidAndPidfd() throws Exception {
        says(Channel.CLONED, 0, 0, 0, 4711, 0, 12);

        assertThat(channel.cloned()).isEqualTo(new Channel.Cloned(4711, 12, false));
    }

    @Test
    void thatClone3IsHiddenIsTold() throws Exception {
        says(Channel.CLONED, 0, 1, 0, 4711, 0, 12);

        assertThat(channel.cloned()).isEqualTo(new Channel.Cloned(4711, 12, true));
    }

    @Test
    void aRefusedCloneSaysWhatToLookAt() {
        says(Channel.FAILED, 1, 0, Errno.EPERM.number(), 0, 0);

        assertThatThrownBy(channel::cloned)
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("clone3")
                .hasMessageContaining("hutch doctor");
    }

    @Test
    void aFailedOpIsNamedByThePartThatWasSent() {
        says(Channel.FAILED, OpFailure.STAGE_OP, 1, Errno.EPERM.number(), 0, 0);

        assertThatThrownBy(() -> channel.ready(PART))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("sethostname brave-otter");
    }

    @Test
    void whatTheChildSaidBeforeItResetTheConnectionIsHeard() {
        fails(Errno.ECONNRESET);
        says(Channel.FAILED, OpFailure.STAGE_OP, 1, Errno.EPERM.number(), 0, 0);

        assertThatThrownBy(() -> channel.ready(PART)).hasMessageContaining("sethostname");
    }

    @Test
    void aResetConnectionWithoutAWordIsAnEnd() {
        fails(Errno.ECONNRESET);

        assertThatThrownBy(() -> channel.ready(PART)).isInstanceOf(Channel.EndedException.class);
    }

    @Test
    void whatNobodyAskedForIsAnErrorThatSaysWhatToLookAt() {
        says(Channel.CLONED, 0, 0, 0, 4711, 0);

        assertThatThrownBy(() -> channel.ready(PART))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("out of turn")
                .hasMessageContaining("one version of Hutch");
    }

    @Test
    void anEndBeforeTheAnswerIsAnEnd() {
        assertThatThrownBy(channel::cloned).isInstanceOf(Channel.EndedException.class);
    }

    @Test
    void endOfFileIsWhatExecveLooksLike() throws Exception {
        channel.executed(PART);

        verify(kernel).receive(eq(7), any());
    }

    @Test
    void aChildThatSpeaksInsteadOfExecutingIsNoSuccess() {
        says(Channel.READY, 0, 0, 0, 0, 99);

        assertThatThrownBy(() -> channel.executed(PART)).isInstanceOf(SandboxException.class);
    }

    @Test
    void aMessageOfAnotherSizeIsNoMessage() {
        answers.add(buffer -> new Kernel.Message(5, 0, new int[0]));

        assertThatThrownBy(() -> channel.ready(PART)).hasMessageContaining("5 bytes");
    }

    @Test
    void aSendToAChildThatFailedTellsWhatTheChildSaid() throws Exception {
        sendFails(Errno.EPIPE);
        says(Channel.FAILED, 4, 0, Errno.ENOSPC.number(), 0, 0);

        assertThatThrownBy(() -> channel.go(Ids.HOST, 0, 0)).isInstanceOfSatisfying(SandboxException.class, e -> {
            assertThat(e.operation()).isEqualTo("join the cgroups and namespaces");
            assertThat(e.errno()).contains(Errno.ENOSPC);
            assertThat(e.getSuppressed()).hasSize(1);
        });
    }

    @Test
    void aSendToAChildThatEndedWithoutAWordIsAnEnd() throws Exception {
        sendFails(Errno.EPIPE);

        assertThatThrownBy(() -> channel.send(PART, source -> -1)).isInstanceOf(Channel.EndedException.class);
    }

    @Test
    void aSendThatFailsOnThisSideWaitsForNoWordOfAChildThatLives() throws Exception {
        sendFails(Errno.ENOSPC);

        assertThatThrownBy(() -> channel.go(Ids.HOST, 0, 0)).hasMessageContaining("sendmsg");
        assertThatThrownBy(() -> channel.send(PART, source -> -1)).hasMessageContaining("sendmsg");
        verify(kernel, never()).receive(anyInt(), any());
    }

    @Test
    void whatCannotBeOpenedForAPartIsToldAsItIs() throws IOException {
        PlanPart stream = new PlanPart(List.of(Op.stream(1)));

        assertThatThrownBy(() -> channel.send(stream, source -> {
                    throw new KernelException("open_tree", "/missing", Errno.ENOENT.number());
                }))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("/missing");
    }

    @Test
    void whoGivesNoAnswerForTooLongIsNotWaitedFor() throws Exception {
        Channel impatient = new Channel(kernel, 7, 20);

        assertThatThrownBy(() -> impatient.ready(PART))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).contains(Errno.ETIMEDOUT));
        verify(kernel, never()).receive(anyInt(), any());
    }

    @Test
    void anAnswerThatComesInTimeIsHeardThoughASignalBrokeTheWait() throws Exception {
        Channel impatient = new Channel(kernel, 7, 60_000);
        when(kernel.poll(anyInt(), anyInt(), eq(7))).thenReturn(0, 1);
        says(Channel.READY, 0, 0, 0, 0, 99);

        assertThat(impatient.ready(PART).pid()).isEqualTo(99);
    }

    @Test
    void namespacesThatAreNewAfterTheJoinsAreSaid() throws Exception {
        channel.go(Ids.HOST, 0x0200_0000 | 0x80, 0);

        int both = Channel.GO_UNSHARE_CGROUP | Channel.GO_UNSHARE_TIME;
        verify(kernel).send(eq(7), argThat(go -> (go.getInt(4) & both) == both), eq(Channel.GO_SIZE));
    }

    @Test
    void theNamespacesToJoinAreSaidAndTheirPidfdComesLast() throws Exception {
        channel.go(Ids.HOST, 0, 0x2000_0000, 31, 32);

        verify(kernel).send(eq(7), argThat(go -> go.getInt(16) == 0x2000_0000), eq(Channel.GO_SIZE), eq(31), eq(32));
    }

    @Test
    void itIsClosedOnce() {
        channel.close();
        channel.close();

        verify(kernel, times(1)).close(7);
    }
}
