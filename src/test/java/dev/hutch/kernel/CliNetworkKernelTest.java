// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Networks;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.BridgeNetwork;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code hutch network}, and the API below it. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.IPROUTE})
class CliNetworkKernelTest extends CliCase {
    @BeforeEach
    @AfterEach
    void noNetworkIsThere() throws Exception {
        Networks.prune();
        assertThat(Networks.list()).isEmpty();
        assertThat(Tool.run("ip", "-br", "link").lines())
                .as("links of this host")
                .hasSize(1);
    }

    private Answer network(String... words) throws Exception {
        String[] all = new String[words.length + 1];
        all[0] = "network";
        System.arraycopy(words, 0, all, 1, words.length);
        return answer(command(all));
    }

    @Test
    void aNetworkIsMadeShownUsedAndRemoved() throws Exception {
        assertThat(network("create", "--subnet", "10.9.0.0/24", "--subnet", "fd00:9::/64", "lab"))
                .isEqualTo(new Answer(0, "lab\n", ""));
        assertThat(network("ls").out()).containsPattern("lab +hutch-lab +10.9.0.0/24 +fd00:9::/64 +0");
        assertThat(network("inspect", "lab").out())
                .contains("\"ipv4\":\"10.9.0.0/24\"", "\"kept\":true", "\"members\":[]");

        Answer used = hutchRun("--network", "bridge:lab", "--", "ip", "-br", "-4", "addr", "show", "dev", "eth0");
        assertThat(used.out()).contains(" 10.9.0.").contains("/24");
        assertThat(Tool.run("ip", "-br", "addr", "show", "dev", "hutch-lab")).contains("10.9.0.1/24", "fd00:9::1/64");

        assertThat(network("rm", "lab")).isEqualTo(new Answer(0, "", ""));
        assertThat(network("inspect", "lab").status()).isEqualTo(125);
    }

    @Test
    void oneThatSomebodyUsesIsNotRemovedAndItsMembersAreShown() throws Exception {
        Process user = new ProcessBuilder(
                        run("--network", "bridge:lab", "--name", "web", "--", "sh", "-c", "echo up; sleep 600"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(user.inputReader().readLine()).isEqualTo("up");

            BridgeNetwork lab = Networks.find("lab").orElseThrow();
            assertThat(lab.kept()).isFalse();
            assertThat(lab.members()).singleElement().satisfies(member -> {
                assertThat(member.names()).hasSize(2).contains("web");
                assertThat(member.addresses())
                        .hasSize(2)
                        .allMatch(address -> lab.ipv4().contains(address)
                                || Objects.requireNonNull(lab.ipv6()).contains(address));
            });
            assertThat(network("rm", "lab").err()).contains("remove network lab: EBUSY", "a JVM uses it");
            assertThat(network("prune").out()).isEmpty();
        } finally {
            user.descendants().forEach(ProcessHandle::destroy);
            user.destroy();
            user.waitFor();
        }
        assertThat(Networks.find("lab")).isEmpty();
    }

    @Test
    void pruneRemovesWhatNobodyUses() throws Exception {
        assertThat(Networks.builder("one").create().ipv4().prefix()).isEqualTo(22);
        Networks.builder("two").ipv6(false).internal(true).isolated(true).create();

        assertThat(network("prune").out().lines()).containsExactlyInAnyOrder("one", "two");
        assertThat(Networks.list()).isEmpty();
    }

    @Test
    void aBridgeThatAKilledJvmLeftUnfinishedIsMadeAnewAndAForeignOneIsLeftAlone() throws Exception {
        AddressRange subnet = Objects.requireNonNull(AddressRange.parse("10.9.0.0/24"));
        Networks.builder("half").subnet(subnet).create();
        Tool.run("ip", "link", "set", "dev", "hutch-half", "alias", "");
        Tool.run("ip", "addr", "flush", "dev", "hutch-half");

        assertThat(hutchRun("--network", "bridge:half", "true").status()).isZero();
        assertThat(Tool.run("sh", "-c", "ip link show dev hutch-half; ip addr show dev hutch-half"))
                .contains("alias hutch network half", "10.9.0.1/24");

        Tool.run("ip", "link", "add", "hutch-alien", "type", "veth", "peer", "name", "peer");
        try {
            assertThat(hutchRun("--network", "bridge:alien", "true").err()).contains("hutch-alien", "is not Hutch's");
            assertThat(Tool.run("ip", "link", "show", "dev", "hutch-alien")).contains("hutch-alien");
        } finally {
            Tool.run("ip", "link", "del", "peer");
        }
    }

    @Test
    void whatCannotBeIsRefusedAndLeavesNothing() throws Exception {
        AddressRange own = Objects.requireNonNull(AddressRange.parse("127.0.0.0/8"));
        Networks.builder("lab").create();

        assertThatThrownBy(() -> Networks.builder("lab").create())
                .isInstanceOf(SandboxException.class)
                .satisfies(e -> assertThat(((SandboxException) e).errno()).contains(Errno.EEXIST));
        assertThatThrownBy(() -> Networks.builder("mine").subnet(own).create())
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("the host has a route to 127.0.0");
        assertThatThrownBy(() -> Networks.builder("same")
                        .subnet(Networks.find("lab").orElseThrow().ipv4())
                        .create())
                .hasMessageContaining("another network has it");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Networks.builder("a").subnet(Objects.requireNonNull(AddressRange.parse("10.9.0.0/31"))));
        assertThatIllegalArgumentException().isThrownBy(() -> Networks.builder("../etc"));
        assertThat(network("create", "a", "b").err()).contains("usage: hutch network");
        assertThat(network("create", "--subnet", "10.9.0.1/24", "c").err()).contains("bits behind its prefix");
        assertThat(network("frobnicate").status()).isEqualTo(125);
        assertThat(Networks.list()).hasSize(1);
        Networks.remove("lab");
        assertThatThrownBy(() -> Networks.remove("lab")).hasMessageContaining("hutch network ls");
    }
}
