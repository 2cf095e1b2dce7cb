// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Garbage, and messages with a few bytes changed: the codec answers or refuses, and nothing else. */
class DnsFuzz {
    private static final int ROUNDS = 300_000;

    private static final byte[][] SEEDS = {
        new DnsMessage(1)
                .question("www.example.org", Query.A)
                .edns(4096, 0, 10, 0, 2, 1, 2)
                .bytes(),
        new DnsMessage(1)
                .flags(0x8180)
                .question("a.org", Query.A)
                .alias("a.org", 60, "b.example.org")
                .address("b.example.org", 60, "192.0.2.1")
                .bytes(),
        new DnsMessage(1)
                .flags(0x8180)
                .question("a.org", 28)
                .address("a.org", 60, "2001:db8::1")
                .edns(1232)
                .bytes(),
        new DnsMessage(1)
                .flags(0x0100)
                .question("a.org", 1)
                .raw(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4)
                .bytes(),
    };

    /** Seeded, so that a failure comes again. */
    private final Random random = new Random(53);

    private byte[] message() {
        if (random.nextInt(8) == 0) {
            byte[] garbage = new byte[random.nextInt(80)];
            random.nextBytes(garbage);
            return garbage;
        }
        byte[] seed = SEEDS[random.nextInt(SEEDS.length)];
        byte[] message = Arrays.copyOf(seed, random.nextInt(4) == 0 ? random.nextInt(seed.length + 1) : seed.length);
        for (int changes = random.nextInt(6); changes > 0 && message.length > 0; changes--) {
            byte now = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xc0 | random.nextInt(4));
            message[random.nextInt(message.length)] = now;
        }
        return message;
    }

    @Test
    void noQuestionCrashesOrHangsTheCodec() {
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = message();
            try {
                Query query = Query.parse(message);
                read++;
                assertThat(query.name()).matches("[a-z0-9_.\\\\-]*");
                byte[] sent = query.forServer(7);
                assertThat(Query.parse(sent).name()).isEqualTo(query.name());
                assertThat(query.fitted(query.prohibited(Query.REFUSED)).length).isLessThanOrEqualTo(query.room());
            } catch (MalformedException e) {
                assertThat(Query.refusal(message, Query.FORMAT_ERROR)).hasSizeBetween(0, 12);
            }
        }
        assertThat(read).as("questions that were understood").isGreaterThan(ROUNDS / 20);
    }

    @Test
    void noAnswerCrashesOrHangsTheCodec() throws MalformedException {
        Query query = Query.parse(new DnsMessage(1).question("a.org", Query.A).bytes());
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = message();
            query.isAskedBy(message, 1);
            try {
                assertThat(Reply.parse(message, query).addresses()).hasSizeLessThan(100);
                read++;
            } catch (MalformedException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).as("answers that were understood").isGreaterThan(ROUNDS / 20);
    }
}
