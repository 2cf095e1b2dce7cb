// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.LeavesNothing;
import dev.hutch.support.Uplink;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A host with a world beyond it: name servers, servers with and without a name; and what is reached of it from inside. */
abstract class EgressCase extends LeavesNothing {
    /** A second address of the world's, which no name on a list leads to. */
    static final String OTHER_4 = "203.0.113.66";

    /**
     * Does one thing after the other; a line for each: what came back, or the error's name. A word is tcp, udp or stream,
     * an address or name, and a port; "resolve" and a name; or the path of a unix socket.
     */
    static final String PROBE = """
            import errno, socket, sys
            def resolve(name):
                return sorted({a[4][0] for a in socket.getaddrinfo(name, 1, type=socket.SOCK_STREAM)})
            def ask(kind, host, port):
                if kind == 'resolve': return ' '.join(resolve(host))
                family, to = socket.getaddrinfo(host, int(port))[0][0::4]
                s = socket.socket(family, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
                s.settimeout(5)
                s.connect(to)
                if kind == 'udp': s.send(b'hello')
                return s.recv(100).decode()
            for word in sys.argv[1:]:
                try: answer = ask(*(word + ',0').split(',')[:3])
                except socket.gaierror as e: answer = 'NO-NAME'
                except OSError as e: answer = errno.errorcode.get(e.errno, 'TIMEOUT')
                print(word, answer, flush=True)
            """;

    private static final String ECHO = """
            import socketserver
            class Echo(socketserver.BaseRequestHandler):
                def handle(self):
                    for text in iter(lambda: self.request.recv(10), b''): self.request.sendall(text)
            socketserver.ThreadingTCPServer(('0.0.0.0', 8010), Echo).serve_forever()
            """;

    static Uplink uplink;
    static Path names;

    /** What the world's name server was asked. */
    static Path questions;

    @BeforeAll
    static void makeTheWorld() throws Exception {
        uplink = Uplink.here();
        uplink.world().run("ip", "addr", "add", OTHER_4 + "/24", "dev", "up1");
        uplink.world().run("ip", "route", "add", "10.0.0.0/8", "via", Uplink.MACHINE_4);
        uplink.world().run("ip", "route", "add", "fc00::/7", "via", Uplink.MACHINE_6);
        uplink.world()
                .serve(
                        "hello,0.0.0.0,8001",
                        "echo,0.0.0.0,8002",
                        "hello,0.0.0.0,8003",
                        "hello,::,8006",
                        "echo,::,8007",
                        "hello,0.0.0.0,853");
        uplink.machine().serve("hello,0.0.0.0,9002", "echo,0.0.0.0,9003", "hello,::,9006");
        names = Files.createTempFile("egress-names", ".conf");
        questions = Files.createTempFile("egress-questions", ".log");
        Files.write(
                names,
                List.of(
                        "no-resolv",
                        "no-hosts",
                        "log-queries",
                        "user=root",
                        "bind-interfaces",
                        "listen-address=" + Uplink.WORLD_4,
                        "host-record=good.test," + Uplink.WORLD_4,
                        "host-record=six.test," + Uplink.WORLD_6,
                        "host-record=other.test," + OTHER_4,
                        "host-record=cdn.test," + Uplink.WORLD_4,
                        "cname=alias.test,other.alias.test",
                        "cname=other.alias.test,cdn.test",
                        "address=/wild.test/" + Uplink.WORLD_4,
                        "host-record=private.test,10.0.0.1",
                        "host-record=metadata.test,169.254.169.254",
                        "host-record=loop.test,127.0.0.1",
                        "host-record=host.test," + Uplink.MACHINE_4,
                        "host-record=mapped.test,::ffff:10.0.0.1",
                        "host-record=mixed.test," + Uplink.WORLD_4,
                        "host-record=mixed.test,192.168.0.1"));
        uplink.world()
                .serve(53, "dnsmasq", "--keep-in-foreground", "--conf-file=" + names, "--log-facility=" + questions);
        uplink.world().serve(8010, "python3", "-c", ECHO);
        // The zygote, its threads and the networks that a JVM uses to its end are no leftovers of the first test.
        for (String network : List.of("bridge", "bridge:lab")) {
            box(network, "good.test").toBuilder()
                    .wallTime(Duration.ofMillis(50))
                    .build()
                    .run("sleep", "1");
        }
    }

    @AfterAll
    static void endTheWorld() throws IOException {
        uplink.close();
        Files.delete(names);
        Files.delete(questions);
    }

    static Network network(String kind, String... list) throws IOException {
        return Network.parse(kind).dns(InetAddress.getByName(Uplink.WORLD_4)).egress(list);
    }

    static Sandbox box(String kind, String... list) throws IOException {
        return Sandbox.builder().network(network(kind, list)).build();
    }

    static String[] probe(String... words) {
        List<String> command = new ArrayList<>(List.of("python3", "-c", PROBE));
        command.addAll(List.of(words));
        return command.toArray(String[]::new);
    }

    /** The probe's lines, and what the result lists as refused. */
    static SandboxResult asked(Sandbox box, String... words) throws Exception {
        SandboxResult result = box.run(probe(words));
        assertThat(result.exitStatus()).as(result.out() + result.err()).isZero();
        return result;
    }

    static List<String> lines(SandboxResult result) {
        return result.out().lines().toList();
    }

    static String readLine(SandboxProcess process) throws IOException {
        return process.inputReader(StandardCharsets.UTF_8).readLine();
    }
}
