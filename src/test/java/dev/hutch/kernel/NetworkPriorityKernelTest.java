// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.TestHost;
import dev.hutch.support.Tool;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the host's own queues see of the priority and the mark of a container's packets. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NFT, Need.PYTHON})
class NetworkPriorityKernelTest extends NetworkCase {
    /** Behind Hutch's own chain, at the host's last look at a packet. */
    private static final String COUNTERS = """
            table inet seen {
              chain last {
                type filter hook postrouting priority 200
                meta priority 1:2 counter comment "prioritised"
                meta mark 7 counter comment "marked"
              }
            }""";

    @BeforeEach
    void count() throws Exception {
        Tool.run("nft", COUNTERS);
    }

    @AfterEach
    void countNoMore() throws Exception {
        Tool.run("nft", "delete table inet seen");
    }

    private static long counted(String what) throws IOException {
        String line = Tool.run("nft", "list", "table", "inet", "seen")
                .lines()
                .filter(each -> each.contains(what))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll(".*packets (\\d+).*", "$1"));
    }

    private static void send(Network network, String address) throws Exception {
        String script = "import socket, sys; f = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET;"
                + " socket.socket(f, socket.SOCK_DGRAM).sendto(b'x', (sys.argv[1], 9))";
        output(sandbox().network(network).build(), "python3", "-c", script, address);
    }

    @Test
    void packetsHaveThePriorityAndTheMarkThatWereAskedFor() throws Exception {
        try (TestHost outside = TestHost.make()) {
            Network classed = Network.bridge().priority(1 << 16 | 2).mark(7);
            send(Network.bridge(), outside.ipv4());
            send(Network.bridge(), outside.ipv6());
            assertThat(counted("prioritised")).isZero();
            assertThat(counted("marked")).isZero();

            send(classed, outside.ipv4());
            send(classed, outside.ipv6());
            assertThat(counted("prioritised")).isEqualTo(2);
            assertThat(counted("marked")).isEqualTo(2);
        }
    }

    @Test
    void aClassOfTheHostsQueueTakesThem() throws Exception {
        try (TestHost outside = TestHost.make()) {
            String link = Tool.run("ip", "-o", "route", "get", outside.ipv4()).replaceAll("(?s).* dev (\\S+) .*", "$1");
            Tool.run("tc", "qdisc", "add", "dev", link, "root", "handle", "1:", "htb", "default", "1");
            Tool.run("tc", "class", "add", "dev", link, "parent", "1:", "classid", "1:1", "htb", "rate", "1gbit");
            Tool.run("tc", "class", "add", "dev", link, "parent", "1:", "classid", "1:2", "htb", "rate", "1gbit");
            send(Network.bridge().priority(1 << 16 | 2), outside.ipv4());

            assertThat(Tool.run("tc", "-s", "class", "show", "dev", link))
                    .containsPattern("(?s)htb 1:2 .*?Sent [1-9]\\d* bytes");
        }
    }
}
