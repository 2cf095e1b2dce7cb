// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;

/** What tests of bridge networks share. The bridge stays as long as the JVM: it is no leftover of the first test. */
abstract class NetworkCase extends SandboxCase {
    @BeforeAll
    static void makeTheBridge() throws Exception {
        output(bridged().build(), "true");
    }

    static Sandbox.Builder bridged() {
        return sandbox().network(Network.bridge());
    }

    /** Waits until a program of the sandbox listens on the port. */
    static void awaitPort(SandboxProcess process, int port) throws Exception {
        String hex = String.format(":%04X ", port);
        while (process.isAlive()) {
            SandboxProcess look = process.exec("cat", "/proc/net/tcp", "/proc/net/tcp6");
            String table = new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            look.waitFor();
            if (table.lines().anyMatch(line -> line.contains(hex) && line.contains(" 0A "))) {
                return;
            }
            Thread.sleep(10);
        }
        throw new IOException(
                "it has ended: " + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** The container's IPv4 address, as /etc/hosts has it for its own name. */
    static String ipv4(SandboxProcess process) throws Exception {
        return address(process, "getent ahostsv4 $(hostname)");
    }

    static String ipv6(SandboxProcess process) throws Exception {
        return address(process, "getent ahostsv6 $(hostname) | grep -i ^fd");
    }

    private static String address(SandboxProcess process, String command) throws Exception {
        SandboxProcess look = process.exec("sh", "-c", command);
        String line = new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        look.waitFor();
        return line.split("\\s")[0];
    }
}
