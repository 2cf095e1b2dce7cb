// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Answers that are cut short or changed: each is read as something or refused, never past its end and never for ever. */
class NetlinkFuzz {
    private static final int ROUNDS = 200_000;

    private static byte[] genuine(Random random) {
        Request link = Request.of(16, 0)
                .intField(0)
                .intField(random.nextInt())
                .intField(0)
                .intField(0);
        for (int i = random.nextInt(6); i >= 0; i--) {
            int kind = 1 + random.nextInt(4);
            link.text(kind, "x".repeat(random.nextInt(20)))
                    .nested(18, in -> in.text(1, "bridge").nested(2, data -> data.u8(4, 1)));
        }
        byte[] message = link.message(random.nextInt());
        byte[] error = Request.of(Answer.ERROR, 0x200)
                .intField(-22)
                .bytes(0, new byte[12])
                .text(1, "no")
                .message(1);
        byte[] both = Arrays.copyOf(message, message.length + error.length);
        System.arraycopy(error, 0, both, message.length, error.length);
        return both;
    }

    /** All that a reader may ask for. */
    private static void readAll(byte[] datagram) throws SandboxException {
        for (Answer answer : Answer.read(ByteBuffer.wrap(datagram))) {
            answer.errno();
            answer.words();
            Attributes attributes = answer.attributes(16);
            if (attributes.has(1)) {
                attributes.text(1);
            }
            for (Attributes nested : attributes.each(18)) {
                nested.text(1);
                nested.nested(2).u8(4);
            }
        }
    }

    @Test
    void changedAndTruncatedAnswersAreReadOrRefused() {
        int read = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = genuine(random);
            for (int i = random.nextInt(4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            }
            try {
                readAll(bytes);
                read++;
            } catch (SandboxException refused) {
                assertThat(refused).hasMessageContaining("netlink");
            }
        }
        assertThat(read).as("some are left whole").isPositive();
    }
}
