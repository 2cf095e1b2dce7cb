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
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
            def ask(): return socket.create_connection((sys.argv[1], 8001))
            held = [ask() for i in range(900)]
            answered = sum(s.recv(9) == b'hello' for s in held)
            for s in held: s.close()
            for i in range(6000):
                with ask() as s: answered += s.recv(9) == b'hello'
            print(answered)
            """;

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

    private static int tracked() throws IOException {
        return Integer.parseInt(
                Tool.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count").strip());
    }

    /** The kernel has one table for all, and refuses everybody's connections where that is full. */
    @Test
    void aHostileProgramDoesNotFillTheHostsTable() throws Exception {
        try (TestHost outside = TestHost.make()) {
            outside.serve("hello,0.0.0.0,8001", "tcp,0.0.0.0,8002");
            String flood = "python3 -c \"$1\" " + outside.ipv4() + " " + outside.ipv6() + " && echo done && read line\n"
                    + "until nc -w 1 " + outside.ipv4() + " 8002; do :; done";
            int before = tracked();
            try (SandboxProcess hostile = bridged().build().start("sh", "-c", flood, "sh", FLOOD)) {
                awaitLine(hostile, "done");
                assertThat(tracked() - before).isBetween(MOST - 100, MOST + 100);
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

    @Test
    void theNextOwnerOfAnAddressHasAllOfItsOwn() throws Exception {
        int addresses = 5;
        try (TestHost outside = TestHost.make()) {
            outside.serve("hello,0.0.0.0,8001");
            String script = "hostname -i; python3 -c \"$1\" " + outside.ipv4();
            int before = tracked();
            String address = output(owner, "sh", "-c", script, "sh", FLOOD);
            assertThat(tracked() - before).as("the first's").isGreaterThan(MOST - 100);
            for (int i = 1; i < addresses; i++) {
                output(owner, "true");
            }

            assertThat(output(owner, "sh", "-c", script, "sh", ORDINARY)).isEqualTo(address + "6900\n");
        }
    }

    /** As the tables are made where the kernel has no nft_connlimit. */
    @Test
    void whereNothingCountsTheResultAndDoctorSaySoAndStrictRefuses() throws Exception {
        Tool.run(
                "nft",
                "delete chain inet hutch passing; delete chain inet hutch staying; delete chain inet hutch counted;"
                        + " delete set inet hutch full");
        try (Hutch later = Hutch.builder().build()) {
            assertThat(bridged().context(later).build().run("true").enforced())
                    .filteredOn(wall -> wall.name().equals("network-connections"))
                    .singleElement()
                    .satisfies(wall -> {
                        assertThat(wall.enforced()).isFalse();
                        assertThat(wall.reason()).contains("modprobe nft_connlimit");
                    });
            assertThat(new FirewallProbe(JniKernel.load()).findings())
                    .filteredOn(finding -> finding.name().equals("bound of sandboxes' connections"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.cure()).contains("modprobe nft_connlimit"));
            assertThatThrownBy(
                            () -> bridged().context(later).strict(true).build().run("true"))
                    .hasMessageContaining("modprobe nft_connlimit");
        } finally {
            Tool.run("nft", "flush ruleset");
            while (!Tool.run("nft", "list", "ruleset").contains("set full")) {
                Thread.sleep(10);
            }
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
