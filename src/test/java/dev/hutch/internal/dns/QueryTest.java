// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueryTest {
    private static final byte[] ASKED = new DnsMessage(0x1234)
            .question("WWW.Example.org", Query.A)
            .edns(4096)
            .bytes();

    @Test
    void aQuestionIsReadInLowerCase() throws MalformedException {
        Query query = Query.parse(ASKED);
        assertThat(query.name()).isEqualTo("www.example.org");
        assertThat(query.type()).isEqualTo(Query.A);
        assertThat(query.room()).isEqualTo(1232);
    }

    @Test
    void nothingOfItButNameTypeAndRoomIsSentOn() throws MalformedException {
        byte[] secret = new DnsMessage(0x1234)
                .flags(0x01ef)
                .question("wWw.eXample.org", Query.A)
                .edns(4096, 1, 2, 3, 4, 5, 6)
                .bytes();
        byte[] sent = Query.parse(secret).forServer(0x4321);
        byte[] plain = new DnsMessage(0x4321)
                .flags(0x0100)
                .question("www.example.org", Query.A)
                .edns(1232)
                .bytes();
        plain[3] = 0x0010 & 0xef;
        assertThat(sent).isEqualTo(plain);
    }

    @Test
    void whoAskedFindsItsNumberAndItsLetters() throws MalformedException {
        Query query = Query.parse(ASKED);
        byte[] fromServer = new DnsMessage(0x4321)
                .flags(0x8180)
                .question("www.example.org", Query.A)
                .address("www.example.org", 60, "192.0.2.1")
                .bytes();
        assertThat(query.isAskedBy(fromServer, 0x4321)).isTrue();
        byte[] relayed = query.relayed(fromServer);
        assertThat(Arrays.copyOf(relayed, 2)).containsExactly(0x12, 0x34);
        assertThat(new String(relayed, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("WWW");
        assertThat(query.isAskedBy(fromServer, 0x4322)).as("another number").isFalse();
        byte[] other = new DnsMessage(0x4321)
                .flags(0x8180)
                .question("www.example.com", Query.A)
                .bytes();
        assertThat(query.isAskedBy(other, 0x4321)).as("another name").isFalse();
        byte[] asks =
                new DnsMessage(0x4321).question("www.example.org", Query.A).bytes();
        assertThat(query.isAskedBy(asks, 0x4321)).as("a question").isFalse();
    }

    @Test
    void whatDoesntFitIntoADatagramIsToBeAskedForOverTcp() throws MalformedException {
        Query small = Query.parse(new DnsMessage(7).question("a.org", Query.A).bytes());
        assertThat(small.fitted(new byte[512])).hasSize(512);
        byte[] cut = small.fitted(new byte[513]);
        assertThat(cut).hasSizeLessThan(100);
        assertThat(cut[2] & 0x02).isNotZero();
    }

    @Test
    void ownAnswersAreOfTheTypeAskedFor() throws Exception {
        List<InetAddress> both = List.of(InetAddress.getByName("192.0.2.1"), InetAddress.getByName("2001:db8::1"));
        Query query = Query.parse(ASKED);
        Reply reply = Reply.parse(query.addresses(both, 30), query);
        assertThat(reply).isEqualTo(new Reply(0, false, both.subList(0, 1), 30));
        Query six = Query.parse(new DnsMessage(7).question("a.org", Query.AAAA).bytes());
        assertThat(Reply.parse(six.addresses(both, 30), six).addresses()).isEqualTo(both.subList(1, 2));
        Query text = Query.parse(new DnsMessage(7).question("a.org", 16).bytes());
        assertThat(Reply.parse(text.addresses(both, 30), text).addresses()).isEmpty();
    }

    @Test
    void aRefusalSaysWhyToWhoUnderstandsIt() throws MalformedException {
        byte[] told = Query.parse(ASKED).prohibited(Query.NO_SUCH_NAME);
        assertThat(told[3] & 0xf).isEqualTo(3);
        assertThat(new String(told, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("not on the egress list");
        byte[] plain = Query.parse(new DnsMessage(7).question("a.org", Query.A).bytes())
                .prohibited(Query.REFUSED);
        assertThat(plain).hasSize(12 + 7 + 4);
    }

    @Test
    void strangeNamesCantBeTakenForOthersNorReachATerminal() throws MalformedException {
        byte[] message = new DnsMessage(7).question("a\u001b[2J.b", Query.A).bytes();
        assertThat(Query.parse(message).name()).isEqualTo("a\\027\\0912j.b");
    }

    @Test
    void aPointerIntoItselfOrForwardIsRefused() {
        for (int target : new int[] {12, 13, 14, 30, 0x3fff}) {
            byte[] message = new DnsMessage(7)
                    .flags(0x0100)
                    .raw(0xc0 | target >> 8, target & 0xff, 0, 1, 0, 1)
                    .bytes();
            message[5] = 1;
            assertThatThrownBy(() -> Query.parse(message)).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void answersTransfersAndOtherClassesAreNoQuestions() {
        byte[] answer =
                new DnsMessage(7).flags(0x8180).question("a.org", Query.A).bytes();
        assertThatThrownBy(() -> Query.parse(answer)).isInstanceOf(MalformedException.class);
        assertThat(Query.refusal(answer, Query.FORMAT_ERROR))
                .as("no answer to an answer")
                .isEmpty();
        byte[] update =
                new DnsMessage(7).flags(0x2800).question("a.org", Query.A).bytes();
        assertThatThrownBy(() -> Query.parse(update)).isInstanceOf(MalformedException.class);
        assertThat(Query.refusal(update, Query.FORMAT_ERROR)).hasSize(12);
        byte[] two = new DnsMessage(7)
                .question("a.org", Query.A)
                .question("b.org", Query.A)
                .bytes();
        assertThatThrownBy(() -> Query.parse(two)).isInstanceOf(MalformedException.class);
        assertThat(Query.refusal(new byte[11], 1)).isEmpty();
    }
}
