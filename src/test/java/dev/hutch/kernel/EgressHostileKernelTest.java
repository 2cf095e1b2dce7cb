// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Uplink;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that wants out past its egress list: each way is closed, and named after. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.IPROUTE, Need.PYTHON, Need.DNSMASQ, Need.DIG, Need.NETCAT, Need.NFT})
class EgressHostileKernelTest extends EgressCase {
    private static Sandbox box() throws IOException {
        return box("bridge", "good.test:8001");
    }

    private static void nothingCameBack(SandboxResult result) {
        assertThat(lines(result)).isNotEmpty().noneMatch(line -> line.endsWith("hello"));
    }

    @Test
    void directAddressesOverTcpAndUdp() throws Exception {
        SandboxResult result = asked(box(), "tcp," + OTHER_4 + ",8001", "udp," + OTHER_4 + ",8002", "tcp,8.8.8.8,443");

        assertThat(lines(result))
                .containsExactly(
                        "tcp," + OTHER_4 + ",8001 ECONNREFUSED",
                        "udp," + OTHER_4 + ",8002 EPERM",
                        "tcp,8.8.8.8,443 ECONNREFUSED");
        assertThat(result.refused())
                .extracting(Refusal::inWords)
                .containsExactlyInAnyOrder(OTHER_4 + ":8001/tcp", OTHER_4 + ":8002/udp", "8.8.8.8:443/tcp");
    }

    @Test
    void otherNameServersOverUdpTcpAndTls() throws Exception {
        String dig = "dig +time=1 +tries=1 +short @" + Uplink.WORLD_4 + " ";
        SandboxResult result = box().run(
                        "sh",
                        "-c",
                        dig + "good.test; " + dig + "+tcp good.test; nc -z " + Uplink.WORLD_4
                                + " 853 && echo open; true");

        assertThat(result.out()).doesNotContain(Uplink.WORLD_4 + "\n").doesNotContain("open");
        assertThat(result.refused())
                .extracting(Refusal::port, Refusal::protocol)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(53, "udp"),
                        org.assertj.core.groups.Tuple.tuple(53, "tcp"),
                        org.assertj.core.groups.Tuple.tuple(853, "tcp"));
    }

    @Test
    void dnsRebinding() throws Exception {
        String[] inner = {"private.test", "metadata.test", "loop.test", "host.test", "mapped.test", "mixed.test"};
        SandboxResult result = asked(
                box("bridge", inner),
                List.of(inner).stream().map(name -> "resolve," + name).toArray(String[]::new));

        assertThat(lines(result)).hasSize(inner.length).allMatch(line -> line.endsWith("NO-NAME"));
        assertThat(result.refused())
                .extracting(Refusal::inWords)
                .contains(
                        "private.test (10.0.0.1)",
                        "metadata.test (169.254.169.254)",
                        "loop.test (127.0.0.1)",
                        "host.test (" + Uplink.MACHINE_4 + ")",
                        "mapped.test (10.0.0.1)",
                        "mixed.test (192.168.0.1)");
        assertThat(lines(asked(box("bridge", "private.test", "10.0.0.0/8"), "resolve,private.test")))
                .as("a range of the list")
                .containsExactly("resolve,private.test 10.0.0.1");
    }

    @Test
    void ipv6AndMappedAddresses() throws Exception {
        SandboxResult result = asked(
                box(),
                "tcp," + Uplink.WORLD_6 + ",8006",
                "udp," + Uplink.WORLD_6 + ",8007",
                "tcp,::ffff:" + OTHER_4 + ",8001",
                "udp,::ffff:" + OTHER_4 + ",8002");

        nothingCameBack(result);
        assertThat(result.refused())
                .extracting(Refusal::count)
                .allMatch(count -> count > 0)
                .hasSize(4);
    }

    @Test
    void icmpAsATunnel() throws Exception {
        String before = echoes();
        String ping = "import socket\n"
                + "for family, protocol, to in ((2, 1, '" + Uplink.WORLD_4 + "'), (10, 58, '" + Uplink.WORLD_6
                + "')):\n"
                + "    try:\n"
                + "        s = socket.socket(family, socket.SOCK_DGRAM, protocol)\n"
                + "        s.sendto((b'\\x08' if family == 2 else b'\\x80') + b'\\0' * 20, (to, 0))\n"
                + "    except OSError as e: print(e)\n"
                + "print('tried')";
        SandboxResult result = asked(box(), "tcp,good.test,8001");
        assertThat(lines(result)).containsExactly("tcp,good.test,8001 hello");

        assertThat(box("bridge", "good.test", "2001:db8::/32")
                        .run("python3", "-c", ping)
                        .out())
                .endsWith("tried\n");
        assertThat(echoes()).isEqualTo(before);
    }

    /** Echo requests that the world has seen. */
    private static String echoes() throws IOException {
        return uplink.world()
                .run("sh", "-c", "grep Icmp: /proc/net/snmp | cut -d' ' -f10; grep InEchos /proc/net/snmp6");
    }

    @Test
    void rawAndPacketSockets() throws Exception {
        String raw = "import socket\n"
                + "for family, kind, protocol in ((2, 3, 255), (2, 3, 1), (10, 3, 58), (17, 3, 0), (2, 3, 6)):\n"
                + "    try: socket.socket(family, kind, protocol); print('made')\n"
                + "    except OSError as e: print(e.errno)";

        assertThat(box().run("python3", "-c", raw).out()).isEqualTo("1\n1\n1\n97\n1\n");
    }

    @Test
    void theHostTheBridgesGatewayAndTheMetadataService() throws Exception {
        String gateway = "import socket, struct\n"
                + "line = [l.split() for l in open('/proc/net/route')][1:]\n"
                + "g = [socket.inet_ntoa(struct.pack('<I', int(l[2], 16))) for l in line if l[1] == '00000000'][0]\n"
                + "for port in (22, 53, 9002):\n"
                + "    s = socket.socket(); s.settimeout(5)\n"
                + "    print(s.connect_ex((g, port)))";
        String everywhere = box().run("python3", "-c", gateway).out();

        assertThat(everywhere).as("connect(2)'s errno").isEqualTo("111\n111\n111\n");
        nothingCameBack(asked(
                box(),
                "tcp," + Uplink.MACHINE_4 + ",9002",
                "udp," + Uplink.MACHINE_4 + ",9003",
                "tcp," + Uplink.MACHINE_6 + ",9006",
                "tcp,169.254.169.254,80",
                "tcp,127.0.0.1,9002"));
    }

    @Test
    void theRulesThemselves() throws Exception {
        SandboxResult result = box().run(
                        "sh",
                        "-c",
                        "nft flush ruleset; nft delete table inet hutch-egress; nc -zw2 " + OTHER_4
                                + " 8001 && echo reached; unshare -Urn true && echo own; true");

        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("Operation not permitted");
    }

    @Test
    void theResolverWithNamesThatCarrySecrets() throws Exception {
        SandboxResult result = asked(
                box(), "resolve,c2VjcmV0.evil.test", "resolve,secret.good.test", "resolve,secret", "resolve,good.test");

        assertThat(lines(result).subList(0, 3)).allMatch(line -> line.endsWith("NO-NAME"));
        assertThat(Files.readString(questions)).contains("good.test").doesNotContainIgnoringCase("secret");
        assertThat(Files.readString(questions)).doesNotContain("c2VjcmV0").doesNotContain("c2vjcmv0");
    }

    @Test
    void theResolverWithGarbageGiantsAndConnectionsThatSayNothing() throws Exception {
        String garbage = "import os, random, socket\n"
                + "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                + "for i in range(3000):\n"
                + "    s.sendto(os.urandom(random.randrange(1, 600)), ('127.0.0.11', 53))\n"
                + "for size in (4096, 20000, 65000): s.sendto(b'\\xc0' * size, ('127.0.0.11', 53))\n"
                + "held = []\n"
                + "for i in range(40):\n"
                + "    t = socket.create_connection(('127.0.0.11', 53)); held.append(t)\n"
                + "    try: t.sendall(b'\\xff\\xff' + os.urandom(i))\n"
                + "    except OSError: pass\n"
                + "print(socket.gethostbyname('good.test'))\n"
                + "[t.close() for t in held]";
        Sandbox box = box();
        try (SandboxProcess process = box.start("python3", "-c", garbage)) {
            assertThat(readLine(process)).isEqualTo(Uplink.WORLD_4);
        }
        assertThat(box.run("dig", "+tcp", "+short", "good.test").out()).isEqualTo(Uplink.WORLD_4 + "\n");
    }

    /** Streams, datagrams, pairs that are sent elsewhere, and a socket that is put there while it runs. */
    @Test
    void unix_sockets_inBoundFoldersLeadNowhere(@TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        String client = "import socket, sys\n"
                + "def attempt(what):\n"
                + "    try: print(what())\n"
                + "    except OSError as e: print(e.errno, flush=True)\n"
                + "def stream(): s = socket.socket(socket.AF_UNIX); s.connect('/shared/s'); return 'reached'\n"
                + "def datagram(): socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '/shared/s'); return 'reached'\n"
                + "def pair():\n"
                + "    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendto(b'x', '/shared/s'); return 'reached'\n"
                + "def connected():\n"
                + "    a, b = socket.socketpair(); a.sendall(b'x'); a.connect('/shared/s'); return 'reached'\n"
                + "def internal(): a, b = socket.socketpair(); a.sendall(b'x'); return b.recv(1).decode()\n"
                + "print('ready', flush=True); sys.stdin.readline()\n"
                + "for each in (stream, datagram, pair, connected, internal): attempt(each)";
        Sandbox walled = Sandbox.builder()
                .network(network("bridge", "good.test"))
                .bind(folder, Path.of("/shared"))
                .build();

        assertThat(answers(walled, client, folder)).containsExactly("13", "13", "13", "106", "x");
        assertThat(answers(walled.toBuilder().allow(Allow.UNIX_SOCKETS).build(), client, folder))
                .as("where they are allowed, one is reached")
                .startsWith("reached");
        Sandbox overlaid = Sandbox.builder()
                .network(network("bridge", "good.test"))
                .mount(new dev.hutch.spec.Mount.Overlay(List.of(folder), Path.of("/shared")))
                .build();
        assertThat(answers(overlaid, client, folder))
                .as("through a layer nobody listens")
                .startsWith("111");
    }

    private static List<String> answers(Sandbox box, String client, Path folder) throws Exception {
        Path path = folder.resolve("s");
        try (SandboxProcess process = box.start("python3", "-c", client)) {
            assertThat(readLine(process)).isEqualTo("ready");
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(path));
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
                process.outputWriter().append("\n").close();
                return process.inputReader().lines().toList();
            } finally {
                Files.deleteIfExists(path);
            }
        }
    }
}
