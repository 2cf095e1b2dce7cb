// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.internal.launch.FaultyContext;
import dev.hutch.internal.launch.FaultyContext.Plan;
import dev.hutch.internal.launch.FaultyKernel;
import dev.hutch.spec.Network;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import dev.hutch.support.HostState;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Every step of a connection fails in turn: it is told, the next launch works, and no cable, rule or address is left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.IPROUTE, Need.NFT})
@InOwnNetwork
class NetworkFaultTest extends FaultCase {
    private static final String PROGRAM = "/bin/true";
    private static final SandboxSpec SPEC = Sandbox.builder()
            .network(Network.bridge().rate(new NetworkRate(Size.mebibytes(1), Size.mebibytes(1))))
            .build()
            .spec();

    private static String network() throws IOException {
        return Tool.run("ip", "-o", "link").replaceAll("(?m)^\\d+: |<.*>|if\\d+| state .*$", "")
                + Tool.run("nft", "list", "ruleset");
    }

    @Test
    void everyOpInTheNetworkNamespaceThatFailsIsNamedAndLeavesNothing() throws Exception {
        try (FaultyContext context = new FaultyContext()) {
            gone(context.launch(SPEC, Plan.CONNECTED, -1, PROGRAM));
            HostState between = HostState.now();
            String network = network();
            assertThat(context.size(Plan.CONNECTED))
                    .as("loopback, addresses, rate")
                    .isGreaterThan(3);
            for (int i = 0; i < context.size(Plan.CONNECTED); i++) {
                int index = i;
                assertThatThrownBy(() -> context.launch(SPEC, Plan.CONNECTED, index, PROGRAM))
                        .isInstanceOfSatisfying(
                                SandboxException.class,
                                e -> assertThat(e.target()).isEqualTo(FaultyContext.MISSING));
            }
            assertThat(between.leftovers()).as("left by failed launches").isEmpty();
            assertThat(network()).isEqualTo(network);
            gone(context.launch(SPEC, Plan.CONNECTED, -1, PROGRAM));
        }
    }

    @Test
    void everyCallThatFailsLeavesNothing() throws Exception {
        FaultyKernel kernel = new FaultyKernel();
        try (FaultyContext context = new FaultyContext(kernel)) {
            gone(context.launch(SPEC, PROGRAM));
            HostState between = HostState.now();
            String network = network();
            assertThat(failEachCall(kernel, context, SPEC, PROGRAM)).isGreaterThan(40);
            assertThat(between.leftovers()).as("left by failed launches").isEmpty();
            assertThat(network()).isEqualTo(network);
            gone(context.launch(SPEC, PROGRAM));
        }
    }
}
