// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestTest {
    /** What {@code ip link set dev lo up} sends, by strace. */
    @Test
    void loopbackUpIsWhatIpSends() {
        Request up = Request.of(16, Request.ACK)
                .byteField(0)
                .byteField(0)
                .shortField(0)
                .intField(1)
                .intField(1)
                .intField(1);

        assertThat(HexFormat.of().formatHex(up.message(7)))
                .isEqualTo("20000000" + "1000" + "0500" + "07000000" + "00000000" + "00000000" + "01000000" + "01000000"
                        + "01000000");
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Request request = Request.of(1, 0)
                .u8(1, 200)
                .u16(2, 60_000)
                .u32(3, 4_000_000_000L)
                .u64(4, -2)
                .be16(5, 443)
                .be32(6, 0xc0a80001L)
                .be64(11, 1)
                .text(7, "eth0")
                .flag(8)
                .nested(9, in -> in.text(1, "a").nested(2, deep -> deep.u8(3, 7)))
                .nested(10, list -> list.nested(1, one -> one.u8(1, 1)).nested(1, two -> two.u8(1, 2)));
        Attributes read = body(request.message(1));

        assertThat(read.u8(1)).isEqualTo(200);
        assertThat(read.u16(2)).isEqualTo(60_000);
        assertThat(read.u32(3)).isEqualTo(4_000_000_000L);
        assertThat(read.u64(4)).isEqualTo(-2);
        assertThat(read.be16(5)).isEqualTo(443);
        assertThat(read.bytes(6)).containsExactly(192, 168, 0, 1);
        assertThat(read.be32(6)).isEqualTo(0xc0a80001L);
        assertThat(read.be64(11)).isEqualTo(1);
        assertThat(read.text(7)).isEqualTo("eth0");
        assertThat(read.has(8)).isTrue();
        assertThat(read.has(12)).isFalse();
        assertThat(read.nested(9).nested(2).u8(3)).isEqualTo(7);
        assertThat(read.nested(10).each(1)).hasSize(2);
    }

    @Test
    void aLongMessageGrows() throws Exception {
        Request request = Request.of(1, 0);
        for (int i = 0; i < 1000; i++) {
            request.nested(1, each -> each.text(1, "x".repeat(30)));
        }

        assertThat(request.message(1).length).isGreaterThan(20_000);
        assertThat(body(request.message(1)).each(1).size()).isEqualTo(1000);
    }

    @Test
    void anAttributeThatIsTooLongIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Request.of(1, 0).bytes(1, new byte[65_535]));
    }

    @Test
    void severalMessagesFollowOneAnotherAligned() {
        byte[] both = Request.messages(List.of(Request.of(1, 0).byteField(1), Request.of(2, Request.ACK)));

        assertThat(both).hasSize(20 + 16);
        assertThat(ByteBuffer.wrap(both).get(20)).isEqualTo((byte) 16);
    }

    private static Attributes body(byte[] message) throws Exception {
        return Attributes.read(ByteBuffer.wrap(message).position(Request.HEADER));
    }
}
