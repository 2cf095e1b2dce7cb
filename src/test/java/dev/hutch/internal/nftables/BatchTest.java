// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoMoreInteractions;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.nftables.Fields.Kind;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent, and what becomes of answers, good and bad, without a kernel. */
class BatchTest {
    private static final Table TABLE = new Table(Family.INET, "t");
    private static final NfSet PORTS = new NfSet(TABLE, "p", Kind.PORT);

    private final Kernel kernel = mock(Kernel.class);
    private final Deque<byte[]> datagrams = new ArrayDeque<>();

    @BeforeEach
    void answers() throws Exception {
        when(kernel.receiveFrom(anyInt(), any())).thenAnswer(call -> {
            byte[] next = datagrams.poll();
            if (next == null) {
                return Kernel.WOULD_BLOCK;
            }
            ((ByteBuffer) call.getArgument(1)).put(Kernel.ADDRESS_ROOM, next);
            return next.length;
        });
    }

    private static String hex(Batch batch) {
        return HexFormat.of().formatHex(Request.messages(batch.requests()));
    }

    private static Element port(int number) {
        return Element.of(new Fields().port(number));
    }

    @Test
    void aBatchIsFramedAndItsLastChangeAcknowledged() {
        assertThat(hex(new Batch().onlyNew(TABLE).delete(TABLE)))
                .isEqualTo("14000000" + "1000" + "0100" + "0000000000000000" + "0000000a"
                        + "1c000000" + "000a" + "0106" + "0000000000000000" + "01000000" + "06000100" + "74000000"
                        + "1c000000" + "020a" + "0500" + "0000000000000000" + "01000000" + "06000100" + "74000000"
                        + "14000000" + "1100" + "0100" + "0000000000000000" + "0000000a");
    }

    @Test
    void elementsThatOneMessageCantHoldGoInSeveral() {
        List<Element> many = Collections.nCopies(5_000, port(80));

        assertThat(new Batch().add(PORTS, many).requests()).hasSizeBetween(7, 12);
        assertThat(new Batch().add(PORTS, List.of()).isEmpty()).isTrue();
    }

    @Test
    void keysAndValuesThatDoNotFitTheSetAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch()
                        .add(PORTS, List.of(Element.of(new Fields().port(1).port(2)))))
                .withMessageContaining("a key of 8 bytes for inet t p, where it has 4");
        assertThatIllegalArgumentException().isThrownBy(() -> new Fields().networkInterface("sixteen-letters-"));
        assertThatIllegalArgumentException().isThrownBy(() -> port(1).noted("x".repeat(129)));
    }

    @Test
    void nothingToDoAsksNobody() throws Exception {
        Nftables nftables = Nftables.open(kernel);
        clearInvocations(kernel);
        nftables.commit(new Batch());

        verifyNoMoreInteractions(kernel);
    }

    @Test
    void aKernelWithoutNfTablesIsTold() throws Exception {
        when(kernel.socket(anyInt(), anyInt(), anyInt())).thenThrow(new KernelException("socket", "", 93));

        assertThatThrownBy(() -> Nftables.open(kernel)).hasMessageContaining("modprobe nf_tables");
    }

    @Test
    void theFailureNamesTheChangeByItsNumber() throws Exception {
        Nftables nftables = Nftables.open(kernel);
        // The begin has number 1.
        datagrams.add(Request.of(2, 0).intField(-1).bytes(0, new byte[12]).message(3));

        assertThatThrownBy(
                        () -> nftables.commit(new Batch().add(TABLE).add(PORTS).add(new Chain(TABLE, "c"))))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).hasValue(Errno.EPERM))
                .hasMessageStartingWith("nf_tables add set inet t p: EPERM");
    }

    @Test
    void answersThatAreCutShortOrMadeUpAreErrorsAndNothingElse() throws Exception {
        byte[] good = Request.of(0xa0d, 2)
                .intField(0x0001)
                .text(1, "t")
                .text(2, "p")
                .nested(3, list -> {
                    for (int i = 0; i < 4; i++) {
                        list.nested(1, one -> port(80).noted("ten").declare(PORTS, one));
                    }
                })
                .message(1);
        byte[] done = Request.of(3, 2).intField(0).message(1);
        Random random = new Random(4711);
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                // Behind the header, whose sequence number makes it an answer at all.
                bad[16 + random.nextInt(bad.length - 16)] = (byte) random.nextInt();
            }
            datagrams.clear();
            datagrams.add(whole(bad, done));
            try (Nftables nftables = Nftables.open(kernel)) {
                read += nftables.elements(PORTS).size();
            } catch (SandboxException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).as("some were only changed in their values").isPositive();
    }

    private static byte[] whole(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }
}
