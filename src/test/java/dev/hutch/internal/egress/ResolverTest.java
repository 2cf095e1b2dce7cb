// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.dns.DnsMessage;
import dev.hutch.internal.dns.Query;
import dev.hutch.internal.dns.Reply;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResolverTest {
    private static final int TXT = 16;
    private static final int HTTPS = 65;
    private static final int AXFR = 252;

    private final Map<String, byte[]> world = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<Openings> opened = new ArrayList<>();

    private CompletableFuture<byte[]> ask(Query query, boolean stream) {
        asked.add(query.name());
        byte[] answer = world.get(query.name());
        return answer == null
                ? CompletableFuture.failedFuture(new java.io.IOException("no server answers"))
                : CompletableFuture.completedFuture(answer);
    }

    private static List<InetAddress> neighbours(String name) {
        try {
            return name.equals("db") ? List.of(InetAddress.getByName("10.88.0.7")) : List.of();
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable Gate gate(String... list) {
        return new Gate(
                Egress.of(list),
                new Wall() {
                    @Override
                    public void open(Openings openings) {
                        opened.add(openings);
                    }

                    @Override
                    public List<Refusal> turnedBack() {
                        return List.of();
                    }

                    @Override
                    public void close() {}
                },
                new Ground(Set::of),
                Runnable::run);
    }

    private byte[] answer(@Nullable Gate gate, String name, int type) {
        Resolver resolver = new Resolver(ResolverTest::neighbours, this::ask, gate);
        return resolver.answer(new DnsMessage(7).question(name, type).bytes(), false)
                .join();
    }

    private static Reply read(byte[] answer, String name, int type) throws Exception {
        return Reply.parse(
                answer, Query.parse(new DnsMessage(7).question(name, type).bytes()));
    }

    private void says(String name, String... addresses) {
        DnsMessage answer = new DnsMessage(99).flags(0x8180).question(name, Query.A);
        for (String address : addresses) {
            answer.address(name, 60, address);
        }
        world.put(name, answer.bytes());
    }

    @Test
    void withoutAListAllIsAskedOfTheHostsServers() throws Exception {
        says("a.org", "192.0.2.1");
        Reply reply = read(answer(null, "A.org", Query.A), "a.org", Query.A);
        assertThat(reply.addresses()).containsExactly(InetAddress.getByName("192.0.2.1"));
        assertThat(answer(null, "gone.org", Query.A)[3] & 0xf).isEqualTo(Query.SERVER_FAILURE);
    }

    @Test
    void containersOfTheNetworkAreFoundByNameAndNobodyElseIsAsked() throws Exception {
        assertThat(read(answer(null, "db", Query.A), "db", Query.A).addresses())
                .containsExactly(InetAddress.getByName("10.88.0.7"));
        assertThat(read(answer(null, "db", Query.AAAA), "db", Query.AAAA).addresses())
                .isEmpty();
        assertThat(read(answer(null, "localhost", Query.A), "localhost", Query.A)
                        .addresses())
                .containsExactly(InetAddress.getByName("127.0.0.1"));
        assertThat(asked).isEmpty();
    }

    @Test
    void withAListTheRestIsNotEvenAsked() throws Exception {
        Gate gate = gate("a.org:443");
        byte[] answer = answer(gate, "secret.evil.org", TXT);
        assertThat(answer[3] & 0xf).isEqualTo(Query.NO_SUCH_NAME);
        assertThat(answer(gate, "db", Query.A)[3] & 0xf)
                .as("a neighbour neither")
                .isEqualTo(Query.NO_SUCH_NAME);
        assertThat(asked).isEmpty();
        assertThat(gate.refusals()).extracting(Refusal::name).containsExactly("secret.evil.org", "db");
    }

    @Test
    void theWallsAreOpenBeforeTheAnswerIsThere() throws Exception {
        says("a.org", "192.0.2.1");
        Reply reply = read(answer(gate("a.org:443"), "a.org", Query.A), "a.org", Query.A);
        assertThat(reply.addresses()).hasSize(1);
        assertThat(opened.get(0).found())
                .containsOnlyKeys(new Openings.Endpoint(InetAddress.getByName("192.0.2.1"), 443));
    }

    @Test
    void dnsRebindingIsRefusedWithTheAddress() throws SandboxException {
        says("a.org", "192.0.2.1", "169.254.169.254");
        Gate gate = gate("a.org");
        byte[] answer = answer(gate, "a.org", Query.A);
        assertThat(answer[3] & 0xf).isEqualTo(Query.NO_SUCH_NAME);
        assertThat(opened).isEmpty();
        assertThat(gate.refusals()).containsExactly(new Refusal("a.org", "169.254.169.254", "", 0, 1));
    }

    @Test
    void aNeighbourOnTheListIsReachedThoughItsAddressIsPrivate() throws Exception {
        assertThat(read(answer(gate("db:5432"), "db", Query.A), "db", Query.A).addresses())
                .hasSize(1);
        assertThat(opened.get(0).found())
                .containsOnlyKeys(new Openings.Endpoint(InetAddress.getByName("10.88.0.7"), 5432));
    }

    @Test
    void hintsThatTheWallsWouldNotKnowOfAreLeftOutAndTransfersAreNotKnown() {
        Gate gate = gate("a.org");
        byte[] hints = answer(gate, "a.org", HTTPS);
        assertThat(hints[3] & 0xf).isEqualTo(Query.NO_ERROR);
        assertThat(hints[7]).as("answers").isZero();
        assertThat(answer(gate, "a.org", AXFR)[3] & 0xf).isEqualTo(Query.NOT_IMPLEMENTED);
        assertThat(asked).isEmpty();
    }

    @Test
    void aHalfOfAnAnswerOpensNothing() {
        world.put(
                "a.org",
                new DnsMessage(9)
                        .flags(0x8380)
                        .question("a.org", Query.A)
                        .address("a.org", 60, "192.0.2.1")
                        .bytes());
        byte[] answer = answer(gate("a.org"), "a.org", Query.A);
        assertThat(answer[2] & 2).as("over TCP").isNotZero();
        assertThat(answer[7]).as("answers").isZero();
        assertThat(opened).isEmpty();
    }

    @Test
    void garbageFromInsideAndFromOutsideIsAnsweredAsSuch() {
        Resolver resolver = new Resolver(ResolverTest::neighbours, this::ask, gate("a.org"));
        assertThat(resolver.answer(new byte[5], false).join()).isEmpty();
        assertThat(resolver.answer(new byte[200], false).join()[3] & 0xf).isEqualTo(Query.FORMAT_ERROR);
        world.put("a.org", new byte[20]);
        assertThat(answer(gate("a.org"), "a.org", Query.A)[3] & 0xf).isEqualTo(Query.SERVER_FAILURE);
    }
}
