// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Network;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.TestHost;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ports of the host's that lead into containers, from the host, from outside, and from other containers. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NFT, Need.PYTHON})
class PublishedPortsKernelTest extends NetworkCase {
    private static Sandbox publishing(String... ports) {
        return sandbox().network(Network.bridge().publish(ports)).build();
    }

    private static SandboxProcess serving(Sandbox box, String protocol, String address, int port) throws Exception {
        SandboxProcess server = box.start("python3", "-c", NetHost.SERVER, protocol + "," + address + "," + port);
        awaitLine(server, "ready");
        return server;
    }

    private static String ask(SandboxProcess inside, String protocol, String address, int port) throws Exception {
        try (SandboxProcess client =
                inside.exec("python3", "-c", NetHost.CLIENT, protocol, address, Integer.toString(port))) {
            String answer = new String(client.getInputStream().readAllBytes()).strip();
            client.waitFor();
            return answer;
        }
    }

    private static String gateway(SandboxProcess process) throws Exception {
        return said(process, "ip route show default | cut -d' ' -f3").strip();
    }

    /** It stays as long as this JVM, as the first one does. */
    @BeforeAll
    static void makeAnotherNetwork() throws Exception {
        output(sandbox().network(Network.bridge("other")).build(), "true");
    }

    @Test
    void aPortIsReachedFromTheHostFromOutsideAndOverBothFamilies() throws Exception {
        try (TestHost outside = TestHost.make();
                SandboxProcess server = serving(publishing("8080:80"), "tcp", "::", 80)) {
            assertThat(outside.ask("tcp", outside.gateway4(), 8080)).endsWith(outside.ipv4());
            assertThat(outside.ask("tcp", outside.gateway6(), 8080)).isEqualTo(outside.ipv6());
            assertThat(NetHost.here().ask("tcp", "127.0.0.1", 8080)).matches("::ffff:10\\..*\\.1");
            assertThat(NetHost.here().ask("tcp", outside.gateway4(), 8080)).endsWith(outside.gateway4());
            assertThat(NetHost.here().ask("tcp", "::1", 8080))
                    .as("not left waiting")
                    .isEqualTo("ECONNREFUSED");
            assertThat(server.ports()).containsExactly(PortMapping.parse("8080:80"));
        }
    }

    /** ::1 refuses, as nobody listens there. */
    @Test
    @KernelTest(Need.CURL)
    void whoAsksLocalhostGoesOnToThatOfIpv4() throws Exception {
        String both = "localhost:8086:[::1],127.0.0.1";
        try (SandboxProcess server = publishing("8086:8000").start("python3", "-m", "http.server", "8000")) {
            awaitPort(server, 8000);
            assertThat(NetHost.here()
                            .run(
                                    "curl",
                                    "-sfo",
                                    "/dev/null",
                                    "-w",
                                    "%{remote_ip}",
                                    "--resolve",
                                    both,
                                    "localhost:8086"))
                    .isEqualTo("127.0.0.1");
        }
    }

    @Test
    void datagramsArePublishedApart() throws Exception {
        try (TestHost outside = TestHost.make();
                SandboxProcess server = serving(publishing("5353:5300/udp"), "udp", "0.0.0.0", 5300)) {
            assertThat(outside.ask("udp", outside.gateway4(), 5353)).isEqualTo(outside.ipv4());
            assertThat(NetHost.here().ask("udp", "127.0.0.1", 5353)).endsWith(".1");
            assertThat(outside.ask("tcp", outside.gateway4(), 5353)).isEqualTo("ECONNREFUSED");
            assertThat(server.isAlive()).isTrue();
        }
    }

    @Test
    void onOneAddressOfTheHostsItIsOnThatAlone() throws Exception {
        try (TestHost outside = TestHost.make();
                SandboxProcess server = serving(publishing("127.0.0.1:8081:80"), "tcp", "0.0.0.0", 80)) {
            assertThat(NetHost.here().ask("tcp", "127.0.0.1", 8081)).endsWith(".1");
            assertThat(outside.ask("tcp", outside.gateway4(), 8081)).isEqualTo("ECONNREFUSED");
            assertThat(server.isAlive()).isTrue();
        }
    }

    @Test
    void anyFreePortIsToldAndRangesLeadPortByPort() throws Exception {
        Sandbox box = publishing("127.0.0.1:0:80", "9000-9002:80-82");
        try (SandboxProcess server = serving(box, "tcp", "0.0.0.0", 81)) {
            PortMapping free = server.ports().get(0);
            assertThat(free.hostPort()).isPositive();
            assertThat(free).isEqualTo(PortMapping.parse("127.0.0.1:" + free.hostPort() + ":80"));
            assertThat(server.ports()).hasSize(2);
            assertThat(NetHost.here().ask("tcp", "127.0.0.1", 9001)).endsWith(".1");
            assertThat(NetHost.here().ask("tcp", "127.0.0.1", 9000)).isEqualTo("ECONNREFUSED");
            try (SandboxProcess second = server.exec("python3", "-c", NetHost.SERVER, "tcp,0.0.0.0,80")) {
                awaitLine(second, "ready");
                assertThat(NetHost.here().ask("tcp", "127.0.0.1", free.hostPort()))
                        .endsWith(".1");
            }
        }
    }

    @Test
    void aPortInUseIsAnErrorBeforeTheProgramStarts() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> publishing(taken.getLocalPort() + ":80").start("true"))
                    .isInstanceOfSatisfying(
                            SandboxException.class, e -> assertThat(e.errno()).hasValue(Errno.EADDRINUSE))
                    .hasMessageContaining("publish " + taken.getLocalPort() + ":80")
                    .hasMessageContaining("choose another");
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            assertThatThrownBy(() -> publishing(taken.getLocalPort() + ":80").start("true"))
                    .as("which localhost may lead to")
                    .hasMessageContaining("EADDRINUSE");
        }
        assertThatThrownBy(() -> publishing("192.0.2.99:8080:80").start("true"))
                .hasMessageContaining("none of the host's");
    }

    @Test
    void nobodyTakesThePortWhileTheContainerLivesAndItIsFreeAfterwards() throws Exception {
        try (SandboxProcess server = publishing("8082:80", "8082:80/udp").start("sleep", "60")) {
            assertThatThrownBy(() -> listen(8082)).hasMessageContaining("in use");
            assertThatThrownBy(() -> publishing("8082:80").start("true")).hasMessageContaining("EADDRINUSE");
            assertThatThrownBy(() -> publishing("8082:80/udp").start("true")).hasMessageContaining("EADDRINUSE");
            assertThat(server.isAlive()).isTrue();
        }
        listen(8082);
        assertThat(Tool.run("nft", "list", "ruleset")).doesNotContain("8082");
    }

    private static void listen(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
        }
    }

    @Test
    void neighboursOtherNetworksAndTheContainerItselfReachItByTheHostsAddress() throws Exception {
        try (TestHost outside = TestHost.make();
                SandboxProcess server = serving(publishing("8083:80"), "tcp", "0.0.0.0", 80);
                SandboxProcess neighbour = bridged().build().start("sleep", "60");
                SandboxProcess other =
                        sandbox().network(Network.bridge("other")).build().start("sleep", "60")) {
            // Bridged, or routed and masqueraded: as the host's br_netfilter is.
            assertThat(ask(neighbour, "tcp", outside.gateway4(), 8083)).isIn(ipv4(neighbour), gateway(neighbour));
            assertThat(ask(server, "tcp", outside.gateway4(), 8083)).isIn(ipv4(server), gateway(server));
            assertThat(ask(other, "tcp", outside.gateway4(), 8083)).isEqualTo(ipv4(other));
            assertThat(ask(other, "tcp", ipv4(server), 80)).as("not by its own").isEqualTo("EHOSTUNREACH");
        }
    }

    @Test
    void aContainerDoesNotReachTheHostsLoopbackThoughPublishedPortsLeadFromThere() throws Exception {
        try (NetHost here = NetHost.here();
                SandboxProcess server = publishing("127.0.0.1:8084:80").start("sleep", "60")) {
            here.serve("tcp,127.0.0.1,8085");
            assertThat(here.ask("tcp", "127.0.0.1", 8085)).isEqualTo("127.0.0.1");
            assertThat(Tool.run("cat", "/proc/sys/net/ipv4/conf/hutch-default/route_localnet")
                            .strip())
                    .isEqualTo("1");
            String gateway =
                    said(server, "ip route show default | cut -d' ' -f3").strip();
            assertThat(said(server, "ip route get 127.0.0.1")).contains("dev lo");
            assertThat(ask(server, "tcp", gateway, 8085)).isEqualTo("EHOSTUNREACH");
            rawSyn(server, gateway);
        }
    }

    /** A packet for 127.0.0.1 at the gateway's door, from a test's namespace that has the rights: nothing comes back. */
    private static void rawSyn(SandboxProcess server, String gateway) throws IOException {
        String script = "ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via " + gateway
                + "; sysctl -qw net.ipv4.conf.all.route_localnet=1; python3 -c \"$1\" tcp 127.0.0.1 8085";
        String answer = Tool.run(
                "nsenter", "--net=/proc/" + server.pid() + "/ns/net", "sh", "-c", script, "sh", NetHost.CLIENT);
        assertThat(answer.strip()).isEqualTo("no answer");
    }
}
