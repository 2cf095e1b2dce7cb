// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetlinkSocketTest {
    private static final int SOCKET = 9;

    private final Kernel kernel = mock(Kernel.class);
    private final Deque<byte[]> datagrams = new ArrayDeque<>();

    @BeforeEach
    void answers() throws Exception {
        when(kernel.socket(16, 3, NetlinkSocket.ROUTE)).thenReturn(SOCKET);
        when(kernel.receiveFrom(anyInt(), any())).thenAnswer(call -> {
            byte[] next = datagrams.poll();
            if (next == null) {
                return Kernel.WOULD_BLOCK;
            }
            ((ByteBuffer) call.getArgument(1)).put(Kernel.ADDRESS_ROOM, next);
            return next.length;
        });
    }

    private NetlinkSocket open() throws KernelException {
        return NetlinkSocket.open(kernel, NetlinkSocket.ROUTE);
    }

    private static byte[] error(int sequence, int errno) {
        return Request.of(Answer.ERROR, 0)
                .intField(-errno)
                .bytes(0, new byte[12])
                .message(sequence);
    }

    private static byte[] link(int sequence, int flags) {
        return Request.of(16, flags).intField(5).message(sequence);
    }

    @Test
    void anAnswerComesBeforeItsAcknowledgement() throws Exception {
        datagrams.add(link(1, 0));
        datagrams.add(error(1, 0));

        List<Answer> answers = open().ask(Request.of(18, 0), "read", "link");

        assertThat(answers).hasSize(1);
        assertThat(answers.get(0).intField(0)).isEqualTo(5);
    }

    @Test
    void whatAnswersAnotherRequestIsSkipped() throws Exception {
        datagrams.add(error(77, 1));
        datagrams.add(error(1, 0));

        assertThat(open().ask(Request.of(18, 0), "read", "link")).isEmpty();
    }

    @Test
    void anErrorHasItsNameAndTheKernelsWords() throws Exception {
        // CAP_ACK is on: an error about a request of 16 bytes, of which the header alone comes back.
        datagrams.add(Request.of(Answer.ERROR, 0x300)
                .intField(-22)
                .intField(16)
                .intField(0)
                .intField(0)
                .intField(0)
                .text(1, "Invalid prefix for given prefix length")
                .message(1));

        assertThatThrownBy(() -> open().ask(Request.of(24, 0), "add route", "10.0.0.0/8"))
                .isInstanceOf(SandboxException.class)
                .hasMessage("add route 10.0.0.0/8: EINVAL (Invalid argument): the kernel says: Invalid prefix for given"
                        + " prefix length");
    }

    @Test
    void whatAFailureLeftUnreadIsNotTheNextOnesAnswer() throws Exception {
        NetlinkSocket socket = open();
        datagrams.add(error(1, 17));
        datagrams.add(error(2, 0));
        List<Request> two = List.of(Request.of(16, Request.ACK), Request.of(16, Request.ACK));
        assertThatThrownBy(() -> socket.exchange(two, "make", "two"))
                .matches(e -> NetlinkSocket.is((SandboxException) e, Errno.EEXIST));

        assertThatThrownBy(() -> socket.ask(Request.of(16, 0), "make", "one"))
                .as("nothing has answered this one")
                .hasMessageContaining("does not answer");
    }

    @Test
    void aDumpThatWasInterruptedIsTakenAgain() throws Exception {
        datagrams.add(link(1, Answer.DUMP_INTERRUPTED));
        datagrams.add(Request.of(Answer.DONE, 2).intField(0).message(1));
        datagrams.add(link(2, 2));
        datagrams.add(link(2, 2));
        datagrams.add(Request.of(Answer.DONE, 2).intField(0).message(2));

        assertThat(open().dump(Request.of(18, 0), "list", "links")).hasSize(2);
    }

    @Test
    void theErrorOfABatchIsTheFirstOne() throws Exception {
        datagrams.add(error(2, 17));
        datagrams.add(error(3, 1));

        assertThatThrownBy(() -> open().exchange(
                                List.of(Request.of(16, 0), Request.of(17, 0), Request.of(18, Request.ACK)),
                                "change",
                                "rules"))
                .matches(e -> NetlinkSocket.is((SandboxException) e, Errno.EEXIST));
    }

    @Test
    void aSocketThatTakesNoOptionsIsClosed() throws Exception {
        org.mockito.Mockito.doThrow(new KernelException("setsockopt", "", 92))
                .when(kernel)
                .socketOption(anyInt(), anyInt(), anyInt(), anyInt());

        assertThatThrownBy(this::open).isInstanceOf(KernelException.class);

        verify(kernel).close(SOCKET);
    }
}
