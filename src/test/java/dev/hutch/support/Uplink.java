// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A machine with a default route, and the world that it leads to: two network namespaces with a cable between them, so that
 * nothing of a test leaves this host. JVMs, root's or a plain user's, and servers run in either.
 */
public final class Uplink implements AutoCloseable {
    public static final String MACHINE_4 = "203.0.113.2";
    public static final String MACHINE_6 = "2001:db8::2";
    public static final String WORLD_4 = "203.0.113.1";
    public static final String WORLD_6 = "2001:db8::1";

    /** What its name server says of every name. */
    public static final String ANSWER = "192.0.2.77";

    /** Says hello on TCP, once it is asked or at once, answers a datagram with itself and a DNS query with an address; a line tells that it does. */
    public static final String SERVER = """
            import socket, sys, threading
            def serve(kind, address, port):
                family = socket.AF_INET6 if ':' in address else socket.AF_INET
                s = socket.socket(family, socket.SOCK_STREAM if kind in ('tcp', 'asked') else socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((address, int(port)))
                if kind in ('tcp', 'asked'): s.listen()
                return s
            def answer(kind, s):
                while True:
                    if kind == 'dns':
                        q, peer = s.recvfrom(2000)
                        s.sendto(q[:2] + b'\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0' + q[12:q.index(b'\\0', 12) + 5]
                            + b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4' + bytes([192, 0, 2, 77]), peer)
                    elif kind in ('tcp', 'asked'):
                        c, peer = s.accept()
                        if kind == 'asked': c.recv(9)
                        c.sendall(b'hello'); c.close()
                    else:
                        text, peer = s.recvfrom(2000); s.sendto(text, peer)
            for word in sys.argv[1:]:
                kind, address, port = word.split(',')
                threading.Thread(target=answer, args=(kind, serve(kind, address, port))).start()
            print('serving', flush=True)
            """;

    private final String machine;
    private final String world;
    private final StagedJvm jvm;
    private final List<Process> servers = new ArrayList<>();

    private Uplink(String machine, String world, StagedJvm jvm) {
        this.machine = machine;
        this.world = world;
        this.jvm = jvm;
    }

    /** This JVM's own network namespace, which has loopback only so far, is the machine. */
    public static Uplink here() throws IOException {
        Uplink uplink = new Uplink("", "hutch-test-" + ProcessHandle.current().pid() + "w", StagedJvm.make());
        try {
            uplink.connect();
            return uplink;
        } catch (IOException e) {
            uplink.close();
            throw e;
        }
    }

    public static Uplink make() throws IOException {
        String name = "hutch-test-" + ProcessHandle.current().pid();
        Uplink uplink = new Uplink(name + "m", name + "w", StagedJvm.make());
        try {
            uplink.connect();
            return uplink;
        } catch (IOException e) {
            uplink.close();
            throw e;
        }
    }

    private void connect() throws IOException {
        if (!machine.isEmpty()) {
            ip("netns", "add", machine);
        }
        ip("netns", "add", world);
        ipIn(machine, "link", "add", "up0", "type", "veth", "peer", "name", "up1", "netns", world);
        for (String name : List.of(machine, world)) {
            ipIn(name, "link", "set", "lo", "up");
        }
        address(machine, "up0", MACHINE_4, MACHINE_6);
        address(world, "up1", WORLD_4, WORLD_6);
        ipIn(machine, "route", "add", "default", "via", WORLD_4);
        ipIn(machine, "route", "add", "default", "via", WORLD_6);
    }

    private static void address(String namespace, String name, String four, String six) throws IOException {
        ipIn(namespace, "addr", "add", four + "/24", "dev", name);
        ipIn(namespace, "addr", "add", six + "/64", "dev", name, "nodad");
        ipIn(namespace, "link", "set", name, "up");
    }

    private static void ipIn(String namespace, String... words) throws IOException {
        ip(Stream.concat(namespace.isEmpty() ? Stream.of() : Stream.of("-n", namespace), Stream.of(words))
                .toArray(String[]::new));
    }

    private static void ip(String... words) throws IOException {
        Tool.run(Stream.concat(Stream.of("ip"), Stream.of(words)).toArray(String[]::new));
    }

    /** Starts a class of ours on the machine, as root or as a user without a name and rights. */
    public Process start(boolean plain, Class<?> main, String... words) throws IOException {
        List<String> command = new ArrayList<>(inside(machine));
        command.addAll(plain ? StagedJvm.asPlainUser(jvm.java(main, words)) : jvm.java(main, words));
        return jvm.builder(command).start();
    }

    /** The same where the machine's /etc/resolv.conf has that content. */
    public Process start(String resolvConf, boolean plain, Class<?> main, String... words) throws IOException {
        Path file = Files.writeString(jvm.folder().resolve("resolv.conf"), resolvConf);
        List<String> command = new ArrayList<>(inside(machine));
        command.addAll(List.of("unshare", "--mount", "sh", "-ec", "mount --bind \"$0\" /etc/resolv.conf; exec \"$@\""));
        command.add(file.toString());
        command.addAll(plain ? StagedJvm.asPlainUser(jvm.java(main, words)) : jvm.java(main, words));
        return jvm.builder(command).start();
    }

    /** Serves on the machine, until the end. */
    public void serveOnMachine(String... what) throws IOException {
        serve(machine, what);
    }

    /**
     * Serves in the world, until the end.
     *
     * @param what kind, address and port, such as {@code tcp,0.0.0.0,80}
     */
    public void serveInWorld(String... what) throws IOException {
        serve(world, what);
    }

    private void serve(String namespace, String... what) throws IOException {
        List<String> command = new ArrayList<>(inside(namespace));
        command.addAll(List.of("python3", "-c", SERVER));
        command.addAll(List.of(what));
        Process server = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        servers.add(server);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        if (!"serving".equals(lines.readLine())) {
            throw new IOException("nobody serves " + List.of(what));
        }
    }

    /** Runs a program in the world, until the end. */
    public void runInWorld(String... program) throws IOException {
        List<String> command = new ArrayList<>(inside(world));
        command.addAll(List.of(program));
        servers.add(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** What a command in the world wrote. */
    public String inWorld(String... command) throws IOException {
        return Tool.run(
                Stream.concat(inside(world).stream(), Stream.of(command)).toArray(String[]::new));
    }

    /** What a command on the machine wrote, as root. */
    public String machine(String... command) throws IOException {
        return Tool.run(
                Stream.concat(inside(machine).stream(), Stream.of(command)).toArray(String[]::new));
    }

    private static List<String> inside(String namespace) {
        return namespace.isEmpty() ? List.of() : List.of("nsenter", "--net=/run/netns/" + namespace);
    }

    @Override
    public void close() throws IOException {
        for (Process server : servers) {
            server.destroyForcibly();
            try {
                server.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (machine.isEmpty() && NetworkInterface.getByName("up0") != null) {
            // The kernel takes it down with the world only when it comes to it.
            ip("link", "del", "up0");
        }
        for (String name : List.of(machine, world)) {
            if (!name.isEmpty() && new File("/run/netns", name).exists()) {
                ip("netns", "del", name);
            }
        }
        jvm.close();
    }
}
