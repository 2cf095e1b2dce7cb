// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Another host, made of a network namespace: a cable leads from this machine to it, with addresses that are reserved for
 * documentation. It knows no way back to any container, as the outside does not. Needs root and iproute2; close it.
 */
public final class TestHost implements AutoCloseable {
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() % 50));

    private final int number;
    private final String name;
    private final List<Process> running = new ArrayList<>();

    private TestHost(int number) {
        this.number = number;
        this.name = "hutch-test-" + ProcessHandle.current().pid() + "-" + number;
    }

    /** One with an address of its own, up. */
    public static TestHost make() throws IOException {
        TestHost host = new TestHost(NEXT.getAndIncrement() % 60);
        try {
            host.connect();
            return host;
        } catch (IOException e) {
            host.close();
            throw e;
        }
    }

    private void connect() throws IOException {
        String link = "htest" + number;
        Tool.run("ip", "netns", "add", name);
        Tool.run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
        Tool.run("ip", "addr", "add", "198.51.100." + (4 * number + 1) + "/30", "dev", link);
        Tool.run("ip", "addr", "add", "2001:db8:" + number + "::1/64", "dev", link, "nodad");
        Tool.run("ip", "link", "set", link, "up");
        run("ip", "addr", "add", ipv4() + "/30", "dev", "eth0");
        run("ip", "addr", "add", ipv6() + "/64", "dev", "eth0", "nodad");
        run("ip", "link", "set", "eth0", "up");
        run("ip", "link", "set", "lo", "up");
    }

    public String ipv4() {
        return "198.51.100." + (4 * number + 2);
    }

    public String ipv6() {
        return "2001:db8:" + number + "::2";
    }

    /** How it sees this machine. */
    public String gateway4() {
        return "198.51.100." + (4 * number + 1);
    }

    /** The same of IPv6. */
    public String gateway6() {
        return "2001:db8:" + number + "::1";
    }

    /** What is routed to nowhere else goes to this machine. */
    public TestHost withRouteBack() throws IOException {
        run("ip", "route", "add", "default", "via", gateway4());
        run("ip", "-6", "route", "add", "default", "via", gateway6());
        return this;
    }

    private List<String> inside(String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Runs a program on it to its end: its output. */
    public String run(String... command) throws IOException {
        return Tool.run(inside(command).toArray(String[]::new));
    }

    /** Starts a program on it, which ends with it. */
    public Process start(String... command) throws IOException {
        Process process =
                new ProcessBuilder(inside(command)).redirectErrorStream(true).start();
        running.add(process);
        return process;
    }

    /** Starts a server on it, and waits until the port is open. */
    public Process serve(int port, String... command) throws IOException, InterruptedException {
        Process process = start(command);
        String hex = String.format(":%04X ", port);
        while (process.isAlive()) {
            // st 0A is listening; proc(5), /proc/net/tcp.
            if (run("cat", "/proc/net/tcp", "/proc/net/tcp6")
                    .lines()
                    .anyMatch(line -> line.contains(hex) && line.contains(" 0A "))) {
                return process;
            }
            Thread.sleep(10);
        }
        throw new IOException(String.join(" ", command) + ": "
                + new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Its programs are ended, and the cable with it. */
    @Override
    public void close() throws IOException {
        for (Process process : running) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Tool.run("sh", "-c", "ip link del htest" + number + " 2>/dev/null; ip netns del " + name + " 2>/dev/null; :");
    }
}
