// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Networks;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.net.FirewallProbe;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.TestHost;
import dev.hutch.support.Tool;
import dev.hutch.support.Tracked;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the host's kernel remembers of connections: those to a published port go with the sandbox that had it, and a sandbox
 * can't have it remember more than so many that it began.
 */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NFT, Need.PYTHON})
class ConnectionsKernelTest extends NetworkCase {
    /** Asks by UDP from one port, always the same. */
    private static final String FROM_ONE_PORT = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("0.0.0.0", 7777))
            s.settimeout(5)
            s.sendto(b"hello", (sys.argv[1], int(sys.argv[2])))
            print(s.recv(100).decode())
            """;

    /** Datagrams to as many ports of each address: to the kernel each of them is a connection. */
    private static final String FLOOD = """
            import socket, sys
            for host in sys.argv[1:]:
                s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
                for port in range(1, 20000): s.sendto(b'x', (host, port))
            """;

    /** As many connections at once as open files allow; then many more, one after the other. Prints how many were answered. */
    private static final String ORDINARY = """
            import socket, sys
            socket.setdefaulttimeout(20)
            def ask(): return socket.create_connection((sys.argv[1], 8001))
            held = [ask() for i in range(900)]
            answered = sum(s.recv(9) == b'hello' for s in held)
            for s in held: s.close()
            for i in range(6000):
                with ask() as s: answered += s.recv(9) == b'hello'
            print(answered)
            """;

    /** Takes so many datagrams at a time, and says so by TCP: none is lost for want of room. */
    private static final String TAKE = """
            import socket
            t = socket.create_server(('0.0.0.0', 8003))
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            u.bind(('0.0.0.0', 8003))
            print('ready', flush=True)
            told, _ = t.accept()
            while True:
                for i in range(100): u.recv(9)
                told.send(b'.')
            """;

    /** Datagrams of one connection while others begin, at first too many. Prints how many were taken. */
    private static final String ONE_WAY = """
            import socket, sys
            told = socket.create_connection((sys.argv[1], 8003), 20)
            one, others = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(2)]
            taken = 0
            try:
                for i in range(200):
                    for j in range(100): one.sendto(b'x', (sys.argv[1], 8003))
                    for j in range(200 if i < 50 else 1): others.sendto(b'x', (sys.argv[1], 10000 + 200 * i + j))
                    taken += 100 * len(told.recv(1))
            except socket.timeout: pass
            print(taken)
            """;

    private static final Path UNANSWERED = Path.of("/proc/sys/net/netfilter/nf_conntrack_udp_timeout");
    private static final int MOST = 4096;

    private static Sandbox owner;

    /** Which the JVM keeps, as that of the case. */
    @BeforeAll
    static void makeANetworkOfFewAddresses() throws Exception {
        if (Networks.find("few").isEmpty()) {
            AddressRange few = Objects.requireNonNull(AddressRange.parse("10.9.0.0/29"));
            Networks.builder("few").subnet(few).ipv6(false).create();
        }
        owner = sandbox().network(Network.bridge("few")).build();
        output(owner, "true");
    }

    /** The kernel has one table for all, and refuses everybody's connections where that is full. */
    @Test
    void aHostileProgramDoesNotFillTheHostsTable() throws Exception {
        try (TestHost outside = TestHost.make()) {
            outside.serve("hello,0.0.0.0,8001", "tcp,0.0.0.0,8002");
            String flood = "python3 -c \"$1\" " + outside.ipv4() + " " + outside.ipv6() + " && echo done && read line\n"
                    + "until nc -w 1 " + outside.ipv4() + " 8002; do :; done";
            try (SandboxProcess hostile = bridged().build().start("sh", "-c", flood, "sh", FLOOD)) {
                awaitLine(hostile, "done");
                assertThat(Tracked.begunBy(ipv4(hostile), ipv6(hostile))).isBetween(MOST - 100, MOST + 100);
                assertThat(output(bridged().build(), "python3", "-c", ORDINARY, outside.ipv4()))
                        .as("of a neighbour's connections")
                        .isEqualTo("6900\n");
                hostile.outputWriter().append('\n').close();
                assertThat(hostile.result().exitStatus())
                        .as("once they are forgotten")
                        .isZero();
                assertThat(hostile.result().enforced())
                        .contains(Enforced.yes("network-connections", Integer.toString(MOST)));
            }
        }
    }

    /** To the kernel each datagram of a connection that nobody answers is new. */
    @Test
    void aConnectionThatNobodyAnswersIsOne() throws Exception {
        try (TestHost outside = TestHost.make()) {
            assertThat(outside.start("python3", "-c", TAKE).inputReader().readLine())
                    .isEqualTo("ready");

            assertThat(output(bridged().build(), "python3", "-c", ONE_WAY, outside.ipv4()))
                    .isEqualTo("20000\n");
        }
    }

    @Test
    void theBoundHoldsWhereATableIsBroughtBack() throws Exception {
        try (TestHost outside = TestHost.make();
                ForALongTime unanswered = new ForALongTime()) {
            outside.serve("tcp,0.0.0.0,8002");
            String flood = "python3 -c \"$1\" " + outside.ipv4() + " && echo done && read line\n" + "nc -w 1 "
                    + outside.ipv4() + " 8002 || echo shut";
            try (SandboxProcess hostile = bridged().build().start("sh", "-c", flood, "sh", FLOOD)) {
                awaitLine(hostile, "done");
                String address = ipv4(hostile);
                Tool.run("nft", "delete table bridge hutch");
                awaitRules(" . " + address);
                // Else who asks at once is refused for that.
                Tool.run("nft", "flush set inet hutch full");

                hostile.outputWriter().append('\n').close();
                awaitLine(hostile, "shut");
                assertThat(Tracked.begunBy(address)).isGreaterThan(MOST - 100);
            }
        }
    }

    /** The first has just had too many, as far as the kernel knows. */
    @Test
    void theNextOwnerOfAnAddressHasAllOfItsOwn() throws Exception {
        int addresses = 5;
        try (TestHost outside = TestHost.make();
                ForALongTime unanswered = new ForALongTime()) {
            outside.serve("hello,0.0.0.0,8001");
            String flood = "hostname -i; python3 -c \"$1\" " + outside.ipv4();
            String address = output(owner, "sh", "-c", flood, "sh", FLOOD).strip();
            Tool.run("nft", "add element inet hutch full { " + mac(address) + " timeout 1h }");
            for (int i = 1; i < addresses; i++) {
                output(owner, "true");
            }

            String ask = "echo ready; read line; python3 -c \"$1\" " + outside.ipv4();
            try (SandboxProcess next = owner.start("sh", "-c", ask, "sh", ORDINARY)) {
                awaitLine(next, "ready");
                assertThat(ipv4(next)).isEqualTo(address);
                assertThat(Tracked.begunBy(address)).as("the first's").isGreaterThan(MOST - 100);
                next.outputWriter().append('\n').close();
                awaitLine(next, "6900");
            }
        }
    }

    /** As {@link Network#bridge} has it: two bytes, and the address. */
    private static String mac(String ipv4) throws IOException {
        return "02:48:"
                + HexFormat.ofDelimiter(":")
                        .formatHex(InetAddress.getByName(ipv4).getAddress());
    }

    /** As the tables are made where the kernel has no nft_connlimit, and as they were made before there was a bound. */
    @ParameterizedTest
    @ValueSource(strings = {"", "; delete set inet hutch tracked"})
    void whereNothingCountsTheResultAndDoctorSaySoAndStrictRefuses(String andAlso) throws Exception {
        Tool.run(
                "nft",
                "delete chain inet hutch passing; delete chain inet hutch staying; delete chain inet hutch counted;"
                        + " delete set inet hutch full" + andAlso);
        try (Hutch later = Hutch.builder().build()) {
            assertThat(new FirewallProbe(JniKernel.load()).findings())
                    .filteredOn(finding -> finding.name().equals("bound of sandboxes' connections"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.cure()).contains("modprobe nft_connlimit"));
            assertUnbounded(bridged().context(later).build());
            assertThatThrownBy(
                            () -> bridged().context(later).strict(true).build().run("true"))
                    .hasMessageContaining("modprobe nft_connlimit");
        } finally {
            flush();
        }
    }

    /** It has seen them be bounded, and whoever brought the rules back couldn't do so. */
    @Test
    void aContextAsksAgainWhereRulesWereBroughtBack() throws Exception {
        try (SandboxProcess running = bridged().build().start("sleep", "600")) {
            Tool.run(
                    "nft",
                    "delete chain inet hutch passing; delete chain inet hutch staying; delete chain inet hutch counted;"
                            + " delete set inet hutch full; delete table bridge hutch");
            awaitRules(" . " + ipv4(running));

            assertUnbounded(bridged().build());
        } finally {
            flush();
        }
        assertThat(bridged().build().run("true").enforced())
                .contains(Enforced.yes("network-connections", Integer.toString(MOST)));
    }

    private static void assertUnbounded(Sandbox sandbox) throws Exception {
        assertThat(sandbox.run("true").enforced())
                .filteredOn(wall -> wall.name().equals("network-connections"))
                .singleElement()
                .satisfies(wall -> {
                    assertThat(wall.enforced()).isFalse();
                    assertThat(wall.reason()).contains("modprobe nft_connlimit");
                });
    }

    /** This JVM's contexts bring the rules back, which are as they should be then. */
    private static void flush() throws Exception {
        Tool.run("nft", "flush ruleset");
        awaitRules("set full");
    }

    private static void awaitRules(String word) throws Exception {
        String rules = "";
        for (int i = 0; i < 500 && !rules.contains(word); i++) {
            Thread.sleep(20);
            rules = Tool.run("nft", "list", "ruleset");
        }
        assertThat(rules).contains(word);
    }

    /** What nobody answers is tracked for longer than any of this takes. */
    private static final class ForALongTime implements AutoCloseable {
        private final String before = Files.readString(UNANSWERED);

        ForALongTime() throws IOException {
            Files.writeString(UNANSWERED, "600");
        }

        @Override
        public void close() throws IOException {
            Files.writeString(UNANSWERED, before);
        }
    }

    /** Else the answerer is the old address for as long as somebody goes on to ask. */
    @Test
    void whoGoesOnToAskAPublishedPortByUdpReachesItsNextOwner() throws Exception {
        try (TestHost outside = TestHost.make()) {
            for (int i = 0; i < 2; i++) {
                try (SandboxProcess server = sandbox()
                        .network(Network.bridge().publish("5354:5300/udp"))
                        .build()
                        .start("python3", "-c", NetHost.SERVER, "udp,0.0.0.0,5300")) {
                    awaitLine(server, "ready");
                    assertThat(outside.run("python3", "-c", FROM_ONE_PORT, outside.gateway4(), "5354"))
                            .isEqualTo(outside.ipv4() + "\n");
                }
            }
        }
    }
}
