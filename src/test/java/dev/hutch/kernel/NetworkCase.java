// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;

/**
 * What tests of bridge networks share: their host is a network namespace. The bridge stays as long as the JVM: it is no
 * leftover of the first test.
 */
@InOwnNetwork
abstract class NetworkCase extends SandboxCase {
    /** Smaller than what a link has by itself. */
    static final int UPLINK_MTU = 1400;

    private static boolean uplink;

    @BeforeAll
    static void makeTheBridge() throws Exception {
        if (!uplink) {
            uplink();
            uplink = true;
        }
        output(bridged().build(), "true");
    }

    /** By which this host, which is none but for its tests, believes to reach the world. */
    private static void uplink() throws IOException {
        String mtu = Integer.toString(UPLINK_MTU);
        Tool.run("ip", "link", "add", "uplink", "mtu", mtu, "type", "veth", "peer", "name", "router");
        Tool.run("ip", "addr", "add", "192.0.2.2/24", "dev", "uplink");
        Tool.run("ip", "addr", "add", "2001:db8:ffff::2/64", "dev", "uplink", "nodad");
        Tool.run("ip", "link", "set", "router", "up");
        Tool.run("ip", "link", "set", "uplink", "up");
        Tool.run("ip", "route", "add", "default", "via", "192.0.2.1");
        Tool.run("ip", "-6", "route", "add", "default", "via", "2001:db8:ffff::1");
    }

    static Sandbox.Builder bridged() {
        return sandbox().network(Network.bridge());
    }

    /** Waits until a program of the sandbox listens on the port. */
    static void awaitPort(SandboxProcess process, int port) throws Exception {
        String hex = String.format(":%04X ", port);
        while (process.isAlive()) {
            if (said(process, "cat /proc/net/tcp /proc/net/tcp6")
                    .lines()
                    .anyMatch(line -> line.contains(hex) && line.contains(" 0A "))) {
                return;
            }
            Thread.sleep(10);
        }
        throw new IOException(
                "it has ended: " + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** What a shell in the container writes. */
    static String said(SandboxProcess process, String script) throws Exception {
        try (SandboxProcess shell = process.exec("sh", "-c", script)) {
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            shell.waitFor();
            return output;
        }
    }

    /** The container's IPv4 address, as /etc/hosts has it for its own name. */
    static String ipv4(SandboxProcess process) throws Exception {
        return said(process, "getent ahostsv4 $(hostname)").split("\\s")[0];
    }

    static String ipv6(SandboxProcess process) throws Exception {
        return said(process, "getent ahostsv6 $(hostname) | grep -i ^fd").split("\\s")[0];
    }
}
