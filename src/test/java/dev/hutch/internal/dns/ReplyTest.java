// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReplyTest {
    private static final Query QUERY = query();

    private static Query query() {
        try {
            return Query.parse(new DnsMessage(1).question("a.org", Query.A).bytes());
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static DnsMessage answer() {
        return new DnsMessage(1).flags(0x8180).question("a.org", Query.A);
    }

    @Test
    void aliasesAreFollowedInWhateverOrderTheyStand() throws Exception {
        byte[] message = answer().address("c.net", 300, "192.0.2.1")
                .alias("b.net", 20, "c.net")
                .alias("a.org", 60, "b.net")
                .bytes();
        Reply reply = Reply.parse(message, QUERY);
        assertThat(reply.addresses()).containsExactly(InetAddress.getByName("192.0.2.1"));
        assertThat(reply.timeToLive()).isEqualTo(20);
    }

    @Test
    void addressesOfOtherNamesAreNobodys() throws Exception {
        byte[] message = answer().address("a.org", 60, "192.0.2.1")
                .address("evil.org", 60, "192.0.2.66")
                .alias("x.org", 60, "a.org")
                .bytes();
        assertThat(Reply.parse(message, QUERY).addresses()).containsExactly(InetAddress.getByName("192.0.2.1"));
    }

    @Test
    void aliasesThatLeadInACircleLeadNowhere() throws Exception {
        byte[] message =
                answer().alias("a.org", 60, "b.org").alias("b.org", 60, "a.org").bytes();
        assertThat(Reply.parse(message, QUERY).addresses()).isEmpty();
    }

    @Test
    void aMappedAddressIsWhatItsPacketsGoTo() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        mapped[15] = 1;
        byte[] message = answer().record("a.org", Query.AAAA, 60, mapped).bytes();
        assertThat(Reply.parse(message, QUERY).addresses()).containsExactly(InetAddress.getByName("10.0.0.1"));
    }

    @Test
    void aTimeBeyondAllMeasureIsNone() throws Exception {
        byte[] message = answer().address("a.org", 0x80000000, "192.0.2.1").bytes();
        assertThat(Reply.parse(message, QUERY).timeToLive()).isZero();
    }

    @Test
    void whatIsCutAnywhereIsRefused() throws Exception {
        byte[] whole = answer().alias("a.org", 60, "b.org")
                .address("b.org", 60, "192.0.2.1")
                .bytes();
        Reply.parse(whole, QUERY);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Reply.parse(cut, QUERY))
                    .as("%d of %d", length, whole.length)
                    .isInstanceOf(MalformedException.class);
        }
    }
}
