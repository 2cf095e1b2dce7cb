// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A host of a test's own: a network namespace with loopback up, in which programs run, and cables to other such hosts. All of
 * it ends when it is closed, or this JVM. Needs root, iproute2 and python3.
 */
public class NetHost implements AutoCloseable {
    /** What a server of kind {@code dns} says of every name. */
    public static final String ANSWER = "192.0.2.77";

    /**
     * A server for each word, of a kind, an address and a port; says "ready" when all of them listen. To {@code tcp} and
     * {@code udp} the answer is the address that the question came from; {@code hello} (TCP) says hello at once, {@code asked}
     * (TCP) when it was asked, {@code echo} (UDP) what it was told, and {@code dns} (UDP) {@link #ANSWER}.
     */
    public static final String SERVER = """
            import socket, sys, threading
            def serve(kind, address, port):
                stream = kind in ('tcp', 'hello', 'asked')
                family = socket.AF_INET6 if ':' in address else socket.AF_INET
                s = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((address, int(port)))
                if stream: s.listen()
                return talk if stream else reply, kind, s
            def talk(kind, s):
                while True:
                    c, peer = s.accept()
                    if kind == 'asked': c.recv(9)
                    c.sendall(peer[0].encode() if kind == 'tcp' else b'hello')
                    c.close()
            def reply(kind, s):
                while True:
                    q, peer = s.recvfrom(2000)
                    if kind == 'dns':
                        q = (q[:2] + b'\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0' + q[12:q.index(b'\\0', 12) + 5]
                            + b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4' + bytes([192, 0, 2, 77]))
                    s.sendto(peer[0].encode() if kind == 'udp' else q, peer)
            for answer, kind, s in [serve(*word.split(',')) for word in sys.argv[1:]]:
                threading.Thread(target=answer, args=(kind, s)).start()
            print('ready', flush=True)
            """;

    /** Prints the answer, or the name of the error. */
    public static final String CLIENT = String.join(
            "\n",
            "import errno, socket, sys",
            "tcp, host, port = sys.argv[1] == 'tcp', sys.argv[2], int(sys.argv[3])",
            "family = socket.AF_INET6 if ':' in host else socket.AF_INET",
            "s = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)",
            "s.settimeout(3)",
            "try:",
            "    if len(sys.argv) > 4: s.bind((sys.argv[4], 0))",
            "    s.connect((host, port))",
            "    if not tcp: s.send(b'?')",
            "    print(s.recv(100).decode())",
            "except OSError as e:",
            "    print(errno.errorcode.get(e.errno, 'no answer'))");

    /** Whose namespace it is; null where it is this JVM's. */
    private final @Nullable Process holder;

    private final List<Process> programs = new ArrayList<>();
    private final List<Cable> cables = new ArrayList<>();

    private record Cable(NetHost from, String link) {}

    NetHost(@Nullable Process holder) {
        this.holder = holder;
    }

    /** A new one. */
    public static NetHost make() throws IOException {
        return new NetHost(hold());
    }

    /** The one that this JVM is on; only what it has started ends with it. */
    public static NetHost here() {
        return new NetHost(null);
    }

    /** What it says is said back by the last program that it becomes: its name in /proc stays as it is from then on. */
    static Process hold() throws IOException {
        Process holder = new ProcessBuilder("unshare", "--net", "sh", "-c", "ip link set lo up && exec cat")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        holder.getOutputStream().write("ready\n".getBytes(StandardCharsets.US_ASCII));
        holder.getOutputStream().flush();
        return ready(holder);
    }

    public long pid() {
        return holder == null ? ProcessHandle.current().pid() : holder.pid();
    }

    /** The descriptor's path in /proc. */
    public Path namespace() {
        return Path.of("/proc", Long.toString(pid()), "ns", "net");
    }

    /** The command line that runs a program here. */
    List<String> inside(List<String> command) {
        Stream<String> entering = holder == null ? Stream.of() : Stream.of("nsenter", "--net=" + namespace());
        return Stream.concat(entering, command.stream()).toList();
    }

    /** Runs it here to its end: what it prints. */
    public String run(String... command) throws IOException {
        return Tool.run(inside(List.of(command)).toArray(String[]::new));
    }

    /** Starts it; it ends with this host. */
    public Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(inside(List.of(command)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        programs.add(process);
        return process;
    }

    /** Starts a server, and waits until it, or what it starts, listens on the TCP port. Nobody may do so yet. */
    public Process serve(int port, String... command) throws IOException, InterruptedException {
        Process process = start(command);
        while (!listens(port)) {
            if (!process.isAlive()) {
                throw new IOException(String.join(" ", command) + " does not serve: "
                        + new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            Thread.sleep(10);
        }
        return process;
    }

    /** State 0A is listening; proc(5), /proc/net/tcp. */
    private boolean listens(int port) throws IOException {
        String hex = String.format(":%04X ", port);
        for (String table : List.of("tcp", "tcp6")) {
            if (Files.readString(Path.of("/proc", Long.toString(pid()), "net", table))
                    .lines()
                    .anyMatch(line -> line.contains(hex) && line.contains(" 0A "))) {
                return true;
            }
        }
        return false;
    }

    /** Starts what {@link #SERVER} is told, such as {@code tcp,0.0.0.0,80}; waits until all listen. */
    public void serve(String... what) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", SERVER));
        command.addAll(List.of(what));
        ready(start(command.toArray(String[]::new)));
    }

    /** What a server of kind tcp or udp answers, or the error's name. */
    public String ask(String protocol, String address, int port) throws IOException {
        return run("python3", "-c", CLIENT, protocol, address, Integer.toString(port))
                .strip();
    }

    /** The same from an address. */
    public String askFrom(String source, String protocol, String address, int port) throws IOException {
        return run("python3", "-c", CLIENT, protocol, address, Integer.toString(port), source)
                .strip();
    }

    /** Lays a cable from another host to this one; it goes with this one. */
    public void cable(NetHost from, String outside, String inside) throws IOException {
        from.run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", Long.toString(pid()));
        cables.add(new Cable(from, outside));
    }

    /** Gives a link addresses, with prefix lengths, and sets it up. */
    public void address(String link, String... addresses) throws IOException {
        for (String address : addresses) {
            List<String> add = new ArrayList<>(List.of("ip", "address", "add", address, "dev", link));
            if (address.contains(":")) {
                add.add("nodad");
            }
            run(add.toArray(String[]::new));
        }
        run("ip", "link", "set", link, "up");
    }

    private static Process ready(Process process) throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (!"ready".equals(line)) {
            throw new IOException("a test host's program did not start: " + line);
        }
        return process;
    }

    /** Ends its programs, and takes its cables away: with the namespace alone the kernel would do so when it comes to it. */
    @Override
    public void close() throws IOException {
        for (Process program : programs) {
            end(program);
        }
        for (Cable cable : cables) {
            if (cable.from().has(cable.link())) {
                cable.from().run("ip", "link", "delete", cable.link());
            }
        }
        if (holder != null) {
            end(holder);
        }
    }

    private boolean has(String link) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid()), "net", "dev"))
                .lines()
                .anyMatch(line -> line.strip().startsWith(link + ":"));
    }

    private static void end(Process process) throws IOException {
        try {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        if (Files.exists(Path.of("/proc", Long.toString(process.pid())))) {
            throw new IOException("process " + process.pid() + " is still there");
        }
    }
}
