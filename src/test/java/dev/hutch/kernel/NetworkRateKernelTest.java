// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Network;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.TestHost;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How fast a container may send and receive: buckets that the kernel empties, one at each end of the cable. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NETCAT})
class NetworkRateKernelTest extends NetworkCase {
    private static final NetworkRate RATE = new NetworkRate(Size.kibibytes(125), Size.kibibytes(250));

    private static SandboxProcess limited(String... command) throws Exception {
        return sandbox().network(Network.bridge().rate(RATE)).build().start(command);
    }

    private static long overlimits(String statistics) {
        return Long.parseLong(statistics.replaceAll("(?s).*overlimits (\\d+).*", "$1"));
    }

    /** The host's end of its cable, whose number the other end tells. */
    private static String port(SandboxProcess process) throws Exception {
        String number = said(process, "ip -o link show eth0").replaceAll("(?s).*eth0@if(\\d+):.*", "$1");
        for (String line : Tool.run("ip", "-o", "link").lines().toList()) {
            if (line.startsWith(number + ": ")) {
                return line.split("[ @]+")[1];
            }
        }
        throw new IOException("no link has the number " + number);
    }

    @Test
    void bothEndsOfTheCableHaveABucketOfTheRateThatWasAskedFor() throws Exception {
        try (SandboxProcess process = limited("sleep", "600")) {
            assertThat(said(process, "tc qdisc show dev eth0"))
                    .contains("qdisc tbf 1: root", "rate 1024Kbit burst 16Kb");
            assertThat(Tool.run("tc", "qdisc", "show", "dev", port(process)))
                    .contains("qdisc tbf 1: root", "rate 2048Kbit burst 16Kb");
        }
    }

    @Test
    void whatIsSentAndReceivedWaitsForTheBuckets() throws Exception {
        try (TestHost host = TestHost.make().withRouteBack();
                SandboxProcess process = limited("sleep", "600")) {
            host.serve(7000, "sh", "-c", "nc -lk -s 0.0.0.0 -p 7000 >/dev/null");
            host.serve(7001, "sh", "-c", "head -c 300000 /dev/zero | nc -l -N -s 0.0.0.0 -p 7001");

            assertThat(said(process, "head -c 300000 /dev/zero | nc -N -w 30 " + host.ipv4() + " 7000; echo sent"))
                    .isEqualTo("sent\n");
            assertThat(said(process, "nc -d " + host.ipv4() + " 7001 | wc -c").strip())
                    .isEqualTo("300000");
            assertThat(overlimits(said(process, "tc -s qdisc show dev eth0"))).isPositive();
            assertThat(overlimits(Tool.run("tc", "-s", "qdisc", "show", "dev", port(process))))
                    .isPositive();
        }
    }

    @Test
    void theProgramInsideCantLiftIt() throws Exception {
        try (SandboxProcess process = limited("sleep", "600")) {
            assertThat(said(process, "tc qdisc del dev eth0 root 2>&1; tc qdisc show dev eth0"))
                    .contains("Operation not permitted", "qdisc tbf 1: root");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sandbox()
                        .network(Network.bridge().rate(RATE))
                        .capabilities(Set.of(Capability.NET_ADMIN))
                        .build())
                .withMessageContaining("--network-rate");
    }

    @Test
    void nobodyElseIsLimited() throws Exception {
        try (SandboxProcess process = bridged().build().start("sleep", "600")) {
            assertThat(said(process, "tc qdisc show dev eth0")).doesNotContain("tbf");
            assertThat(Tool.run("tc", "qdisc", "show", "dev", port(process))).doesNotContain("tbf");
        }
    }
}
