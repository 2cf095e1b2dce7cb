// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.TestHost;
import org.junit.jupiter.api.Test;

/** What the host's kernel remembers of connections to a published port goes with the sandbox that had it. */
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
