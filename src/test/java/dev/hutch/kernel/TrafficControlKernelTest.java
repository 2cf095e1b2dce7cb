// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.TrafficControl;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queueing disciplines that Hutch makes, as tc reads them back. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.IPROUTE})
class TrafficControlKernelTest {
    private static final int LOOPBACK = 1;

    @ParameterizedTest
    @CsvSource({
        "1024, rate 8192bit burst 16Kb",
        "125000, rate 1Mbit burst 16Kb",
        "12500000, rate 100Mbit burst 125000b lat 50ms",
        "1250000000, rate 10Gbit burst",
        "12500000000, rate 100Gbit burst",
    })
    void aBucketHasTheRateThatWasAskedFor(long bytes, String words) throws IOException {
        try (NetlinkSocket socket = NetlinkSocket.open(JniKernel.load(), NetlinkSocket.ROUTE)) {
            socket.ask(TrafficControl.limit(LOOPBACK, bytes), "limit", "lo");
        }

        assertThat(Tool.run("tc", "qdisc", "show", "dev", "lo"))
                .contains("qdisc tbf 1: root")
                .contains(words);
    }
}
