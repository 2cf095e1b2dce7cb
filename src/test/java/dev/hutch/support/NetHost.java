// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A host of a test's own: a network namespace with loopback up, in which programs run. It ends when it is closed, or this JVM. */
public final class NetHost implements AutoCloseable {
    /** Answers each connection, or datagram, with the address that it came from. */
    public static final String SERVER = String.join(
            "\n",
            "import socket, sys",
            "tcp, host, port = sys.argv[1] == 'tcp', sys.argv[2], int(sys.argv[3])",
            "family = socket.AF_INET6 if ':' in host else socket.AF_INET",
            "s = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)",
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
            "s.bind((host, port))",
            "if tcp: s.listen()",
            "print('ready', flush=True)",
            "while True:",
            "    if tcp:",
            "        c, peer = s.accept()",
            "        c.sendall(peer[0].encode())",
            "        c.close()",
            "    else:",
            "        data, peer = s.recvfrom(100)",
            "        s.sendto(peer[0].encode(), peer)");

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

    private final Process holder;
    private final List<Process> programs = new ArrayList<>();

    private NetHost(Process holder) {
        this.holder = holder;
    }

    public static NetHost make() throws IOException {
        Process holder = new ProcessBuilder(
                        "unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        awaitReady(holder);
        return new NetHost(holder);
    }

    public long pid() {
        return holder.pid();
    }

    /** The descriptor's path in /proc. */
    public Path namespace() {
        return Path.of("/proc", Long.toString(pid()), "ns", "net");
    }

    /** Runs it here to its end: what it prints. */
    public String run(String... command) throws IOException {
        return Tool.run(here(command));
    }

    /** Starts it; it ends with this host. */
    public Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(here(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        programs.add(process);
        return process;
    }

    /** Starts a server, which tells who asks what address it sees; waits until it listens. */
    public void serve(String protocol, String address, int port) throws IOException {
        awaitReady(start("python3", "-c", SERVER, protocol, address, Integer.toString(port)));
    }

    /** What such a server answers, or the error's name. */
    public String ask(String protocol, String address, int port) throws IOException {
        return run("python3", "-c", CLIENT, protocol, address, Integer.toString(port))
                .strip();
    }

    /** The same from an address. */
    public String askFrom(String source, String protocol, String address, int port) throws IOException {
        return run("python3", "-c", CLIENT, protocol, address, Integer.toString(port), source)
                .strip();
    }

    /** In the namespace of this JVM: what such a server answers, or the error's name. */
    public static String askHere(String protocol, String address, int port) throws IOException {
        return Tool.run("python3", "-c", CLIENT, protocol, address, Integer.toString(port))
                .strip();
    }

    /** Starts a server in the namespace of this JVM; the caller ends it. */
    public static Process serveHere(String protocol, String address, int port) throws IOException {
        Process server = new ProcessBuilder("python3", "-c", SERVER, protocol, address, Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        awaitReady(server);
        return server;
    }

    /**
     * Lays a cable from this JVM's namespace into this host, both ends up.
     *
     * @param addresses of the end here, with prefix lengths
     */
    public void connect(String outside, String inside, String... addresses) throws IOException {
        Tool.run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", Long.toString(pid()));
        Tool.run("ip", "link", "set", outside, "up");
        for (String address : addresses) {
            List<String> add = new ArrayList<>(List.of("ip", "address", "add", address, "dev", inside));
            if (address.contains(":")) {
                add.add("nodad");
            }
            run(add.toArray(String[]::new));
        }
        run("ip", "link", "set", inside, "up");
    }

    private String[] here(String... command) {
        List<String> entering = new ArrayList<>(List.of("nsenter", "--net=" + namespace()));
        entering.addAll(Arrays.asList(command));
        return entering.toArray(String[]::new);
    }

    private static void awaitReady(Process process) throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (!"ready".equals(line)) {
            throw new IOException("a test host's program did not start: " + line);
        }
    }

    /** Ends it, and waits until the kernel has let its links go. */
    @Override
    public void close() throws IOException {
        for (Process program : programs) {
            end(program);
        }
        end(holder);
    }

    private static void end(Process process) throws IOException {
        try {
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
