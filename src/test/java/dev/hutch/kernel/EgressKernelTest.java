// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Egress;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.JavaPayload;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Uplink;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program reaches that has an egress list, on a bridge and through a process of the user's. */
@InOwnNetwork
@KernelTest({
    Need.ROOT,
    Need.USER_NAMESPACES,
    Need.IPROUTE,
    Need.PASTA,
    Need.TUN,
    Need.PYTHON,
    Need.DNSMASQ,
    Need.DIG,
    Need.NETCAT,
    Need.CURL
})
class EgressKernelTest extends EgressCase {
    /** A connection that stays: a line for each byte that is asked for and came back. */
    private static final String LONG = """
            import socket, sys, errno
            s = socket.create_connection((sys.argv[1], 8010), 5)
            print('open', flush=True)
            for line in sys.stdin:
                try:
                    s.sendall(b'x')
                    print('got' if s.recv(1) else 'end', flush=True)
                except OSError as e:
                    print(errno.errorcode.get(e.errno, 'TIMEOUT'), flush=True)
            """;

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "user:pasta"})
    void namesOnTheListAreReachedOnTheirPortsAndNothingElse(String kind) throws Exception {
        SandboxResult result = asked(
                box(kind, "good.test:8001", "good.test:8002", "six.test"),
                "tcp,good.test,8001",
                "udp,good.test,8002",
                "tcp,six.test,8006",
                "udp,six.test,8007",
                "tcp,good.test,8003",
                "tcp,other.test,8001",
                "tcp," + OTHER_4 + ",8001");

        assertThat(lines(result))
                .containsExactly(
                        "tcp,good.test,8001 hello",
                        "udp,good.test,8002 hello",
                        "tcp,six.test,8006 hello",
                        "udp,six.test,8007 hello",
                        "tcp,good.test,8003 ECONNREFUSED",
                        "tcp,other.test,8001 NO-NAME",
                        "tcp," + OTHER_4 + ",8001 ECONNREFUSED");
        assertThat(result.refused())
                .extracting(Refusal::inWords)
                .containsExactlyInAnyOrder(
                        "other.test", "good.test (" + Uplink.WORLD_4 + ":8003/tcp)", OTHER_4 + ":8001/tcp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "user:pasta"})
    void withoutAListEverythingIsReachedThatTheNetworkLeadsTo(String kind) throws Exception {
        Sandbox all = Sandbox.builder()
                .network(dev.hutch.spec.Network.parse(kind).dns(java.net.InetAddress.getByName(Uplink.WORLD_4)))
                .build();
        SandboxResult result = asked(all, "tcp,good.test,8003", "tcp,other.test,8001", "resolve,nowhere.test");

        assertThat(lines(result))
                .containsExactly(
                        "tcp,good.test,8003 hello", "tcp,other.test,8001 hello", "resolve,nowhere.test NO-NAME");
        assertThat(result.refused()).isEmpty();
    }

    @Test
    void addressesAndRangesOfTheListNeedNoName() throws Exception {
        SandboxResult result = asked(
                box("bridge", "203.0.113.64/26:8001", "[2001:db8::/32]:8006"),
                "tcp," + OTHER_4 + ",8001",
                "tcp," + OTHER_4 + ",8003",
                "tcp," + Uplink.WORLD_4 + ",8001",
                "tcp," + Uplink.WORLD_6 + ",8006");

        assertThat(lines(result))
                .containsExactly(
                        "tcp," + OTHER_4 + ",8001 hello",
                        "tcp," + OTHER_4 + ",8003 ECONNREFUSED",
                        "tcp," + Uplink.WORLD_4 + ",8001 ECONNREFUSED",
                        "tcp," + Uplink.WORLD_6 + ",8006 hello");
    }

    @Test
    void namesBelowAWildcardAndAliasesOfAnyLengthLeadThere() throws Exception {
        SandboxResult result = asked(
                box("bridge", "*.wild.test:8001", "alias.test:8001"),
                "tcp,a.b.wild.test,8001",
                "tcp,wild.test,8001",
                "tcp,alias.test,8001",
                "resolve,cdn.test");

        assertThat(lines(result))
                .containsExactly(
                        "tcp,a.b.wild.test,8001 hello",
                        "tcp,wild.test,8001 NO-NAME",
                        "tcp,alias.test,8001 hello",
                        "resolve,cdn.test NO-NAME");
    }

    @Test
    void programsThatKnowOfNoProxyWorkJvmsAmongThem() throws Exception {
        Sandbox box =
                Sandbox.forJava().network(network("bridge", "good.test:8001")).build();
        SandboxResult result = box.run(
                Command.java(JavaPayload.class, "connect", "good.test:8001", "other.test:8001", OTHER_4 + ":8001"));

        assertThat(result.out()).as(result.err()).isEqualTo("hello\nUnknownHostException\nConnectException\n");
    }

    /** The connection that is open is cut with its next packet, and the one that stays on the list is not. */
    @Test
    void theListIsChangedWhileItRunsAndWhatIsTakenOffIsCutInTheMiddle() throws Exception {
        Sandbox box = box("bridge", "good.test:8010", "other.test:8010");
        try (SandboxProcess gone = box.start("python3", "-c", LONG, "good.test");
                SandboxProcess kept = gone.exec("python3", "-c", LONG, "other.test")) {
            assertThat(readLine(gone)).isEqualTo("open");
            assertThat(readLine(kept)).isEqualTo("open");
            assertThat(ping(gone)).isEqualTo("got");

            gone.egress(Egress.of("other.test:8010", "other.test:8001"));
            assertThat(ping(gone)).isIn("ECONNRESET", "EPIPE");
            assertThat(ping(kept)).as("still on the list").isEqualTo("got");
            try (SandboxProcess more = gone.exec(probe("tcp,good.test,8010", "tcp,other.test,8001"))) {
                assertThat(readLine(more)).isEqualTo("tcp,good.test,8010 NO-NAME");
                assertThat(readLine(more)).isEqualTo("tcp,other.test,8001 hello");
            }
            assertThat(gone.refused()).extracting(Refusal::name).contains("good.test");
        }
    }

    private static String ping(SandboxProcess process) throws IOException {
        Writer in = process.outputWriter();
        in.write("\n");
        in.flush();
        return readLine(process);
    }

    @Test
    void aCallbackDecidesOnNamesThatAreNotOnTheListAndOnceForEach() throws Exception {
        ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
        Egress list = Egress.of("good.test:8001")
                .ask(
                        name -> {
                            asked.add(name);
                            return name.equals("other.test");
                        },
                        Duration.ofSeconds(30));
        SandboxResult result = asked(
                Sandbox.builder().network(network("bridge").egress(list)).build(),
                "tcp,good.test,8001",
                "tcp,other.test,8001",
                "tcp,other.test,8003",
                "tcp,cdn.test,8001");

        assertThat(lines(result))
                .containsExactly(
                        "tcp,good.test,8001 hello",
                        "tcp,other.test,8001 hello",
                        "tcp,other.test,8003 hello",
                        "tcp,cdn.test,8001 NO-NAME");
        assertThat(asked).containsExactlyInAnyOrder("other.test", "cdn.test");
        assertThat(result.refused()).extracting(Refusal::name).containsExactly("cdn.test");
    }

    @Test
    void aCallbackThatIsLateRefusesAndIsHeardWhenItIsThere() throws Exception {
        CountDownLatch decide = new CountDownLatch(1);
        Egress list = Egress.NOTHING.ask(
                name -> {
                    try {
                        decide.await();
                    } catch (InterruptedException e) {
                        return false;
                    }
                    return true;
                },
                Duration.ofMillis(50));
        Sandbox box = Sandbox.builder().network(network("bridge").egress(list)).build();
        try (SandboxProcess first = box.start(probe("resolve,good.test"))) {
            assertThat(readLine(first)).isEqualTo("resolve,good.test NO-NAME");
            assertThat(first.result().refused()).extracting(Refusal::name).containsExactly("good.test");
        }
        decide.countDown();
    }

    @Test
    void containersOfABridgeFindEachOtherByNameAndBesideAListOnlyIfItHasThem() throws Exception {
        Sandbox server = Sandbox.builder()
                .name("db")
                .network(network("bridge:lab", "192.0.2.0/24"))
                .build();
        String listen =
                "import socket; s = socket.create_server(('::', 5432), family=10, dualstack_ipv6=True); print('up', flush=True)\n"
                        + "while True: c = s.accept()[0]; c.sendall(b'hello'); c.close()";
        try (SandboxProcess db = server.start("python3", "-c", listen)) {
            assertThat(readLine(db)).isEqualTo("up");
            assertThat(lines(asked(box("bridge:lab", "db:5432"), "tcp,db,5432")))
                    .containsExactly("tcp,db,5432 hello");
            assertThat(lines(asked(box("bridge:lab", "good.test"), "tcp,db,5432")))
                    .containsExactly("tcp,db,5432 NO-NAME");
            Sandbox without = Sandbox.builder()
                    .network(dev.hutch.spec.Network.bridge("lab"))
                    .build();
            assertThat(lines(asked(without, "tcp,db,5432"))).containsExactly("tcp,db,5432 hello");
            assertThat(lines(asked(box("bridge", "db"), "tcp,db,5432")))
                    .as("on another network")
                    .containsExactly("tcp,db,5432 NO-NAME");
        }
    }

    @Test
    void aSessionKeepsItsListFromCallToCallAndTellsWhatAllOfThemWanted() throws Exception {
        try (SandboxSession session = box("bridge", "good.test:8001").session()) {
            assertThat(lines(session.run(probe("tcp,good.test,8001")))).containsExactly("tcp,good.test,8001 hello");
            assertThat(lines(session.run(probe("tcp,other.test,8001")))).containsExactly("tcp,other.test,8001 NO-NAME");
            session.egress(Egress.of("good.test:8001", "other.test:8001"));
            assertThat(lines(session.run(probe("tcp,other.test,8001", "tcp,good.test,8003"))))
                    .containsExactly("tcp,other.test,8001 hello", "tcp,good.test,8003 ECONNREFUSED");
            assertThat(session.refused())
                    .extracting(Refusal::inWords)
                    .containsExactlyInAnyOrder("other.test", "good.test (" + Uplink.WORLD_4 + ":8003/tcp)");
        }
    }

    @Test
    void whoeverComesByAPublishedPortIsAnsweredThoughNothingOfHisIsOnTheList() throws Exception {
        Sandbox server = Sandbox.builder()
                .network(network("bridge", "good.test:8001").publish(Uplink.MACHINE_4 + ":8040:8040"))
                .build();
        String listen = "import socket; s = socket.create_server(('', 8040)); print('up', flush=True)\n"
                + "c, peer = s.accept(); c.sendall(b'hello'); c.close()\n"
                + "t = socket.socket(); t.settimeout(5); print(t.connect_ex((peer[0], 8001)), flush=True)";
        try (SandboxProcess process = server.start("python3", "-c", listen)) {
            assertThat(readLine(process)).isEqualTo("up");
            assertThat(uplink.world().run("nc", "-N", "-w", "5", Uplink.MACHINE_4, "8040"))
                    .isEqualTo("hello");
            assertThat(readLine(process)).as("connect(2) back to who came").isEqualTo("111");
        }
    }

    @Test
    void toolsOfEveryDayAreToldAtOnce() throws Exception {
        SandboxResult result = box("bridge", "good.test:8001")
                .run("sh", "-c", "curl -sS http://other.test/ 2>&1; dig other.test | grep -e status -e EDE");

        assertThat(result.out())
                .contains("Could not resolve host: other.test")
                .contains("status: NXDOMAIN")
                .contains("EDE: 18 (Prohibited): (not on the egress list)");
    }
}
