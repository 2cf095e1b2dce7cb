// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.SandboxProcess;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.net.FirewallProbe;
import dev.hutch.spec.HostReport.Finding;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.TestHost;
import dev.hutch.support.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The host's rules are shared, with other JVMs and with others' firewalls. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NFT, Need.PYTHON})
class FirewallSharingKernelTest extends NetworkCase {
    private static final String FOREIGN = """
            table inet filter {
              set hosts {
                type ipv4_addr
                elements = { 192.0.2.77 }
              }
              chain forward {
                type filter hook forward priority 0
                ct state invalid counter drop
                ip saddr @hosts drop
                iifname "docker0" accept
              }
            }
            table ip nat {
              chain prerouting {
                type nat hook prerouting priority -100
                tcp dport 99 dnat to 192.0.2.1:80
              }
            }""";

    /** A JVM of its own with a published port on a network. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws Exception {
            SandboxProcess process = dev.hutch.Sandbox.builder()
                    .network(Network.bridge(args[0]).publish(args[1]).priority(3))
                    .build()
                    .start("sleep", "600");
            System.out.println(process.ports().get(0));
            System.in.read();
            process.close();
        }
    }

    private static Process owner(String network, String port) throws IOException {
        Process owner = OtherJvm.start(List.of(), Owner.class, network, port);
        String line =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(line).isEqualTo(port);
        return owner;
    }

    private static String foreign() throws IOException {
        return Tool.run("nft", "-j", "list", "table", "inet", "filter")
                + Tool.run("nft", "-j", "list", "table", "ip", "nat");
    }

    private static String ours() throws IOException {
        return Tool.run("nft", "list", "ruleset").replaceAll("\\s+", " ");
    }

    /** Whether a set of ours has a container's cable; the rule for all of them stays as long as a network does. */
    private static boolean knowCables() throws IOException {
        return ours().matches(".*\"hutch\\.[^*].*");
    }

    @Test
    void rulesOfOthersStayAsTheyAreByteForByte() throws Exception {
        Tool.run("nft", FOREIGN);
        try {
            String before = foreign();
            try (Hutch context = Hutch.builder().build();
                    SandboxProcess process = sandbox()
                            .context(context)
                            .network(Network.bridge("guest").publish("8091:80").hostServices(true))
                            .build()
                            .start("sleep", "60")) {
                assertThat(process.isAlive()).isTrue();
                assertThat(foreign()).isEqualTo(before);
            }
            assertThat(foreign()).isEqualTo(before);
            assertThat(ours()).doesNotContain("hutch-guest").doesNotContain("8091");
        } finally {
            Tool.run("nft", "delete table inet filter; delete table ip nat");
        }
    }

    @Test
    void doctorNamesAChainOfOthersThatDropsWhatContainersSendAndItsCureHelps() throws Exception {
        Tool.run(
                "nft",
                "add table ip foreign; add chain ip foreign FORWARD"
                        + " { type filter hook forward priority 0; policy drop; }");
        try (TestHost outside = TestHost.make()) {
            outside.serve("tcp," + outside.ipv4() + ",80");
            Finding finding = new FirewallProbe(JniKernel.load()).findings().get(1);
            assertThat(finding.name()).endsWith("chain ip foreign FORWARD");
            String ask = "python3 -c \"$1\" tcp " + outside.ipv4() + " 80";
            assertThat(output(bridged().build(), "sh", "-c", ask, "sh", NetHost.CLIENT))
                    .isEqualTo("no answer\n");

            Matcher cure = Pattern.compile("nft '([^']*)'").matcher(finding.cure());
            assertThat(cure.find()).isTrue();
            Tool.run("nft", cure.group(1));
            assertThat(output(bridged().build(), "sh", "-c", ask, "sh", NetHost.CLIENT))
                    .isEqualTo(outside.gateway4() + "\n");
        } finally {
            Tool.run("nft", "delete table ip foreign");
        }
        assertThat(new FirewallProbe(JniKernel.load()).findings())
                .extracting(Finding::works)
                .containsExactly(true);
    }

    /** The answer comes a little before the kernel has taken the container apart, and the rules go after that. */
    @Test
    void aContainerThatEndsLeavesNothingInTheSets() throws Exception {
        Network network =
                Network.bridge().publish("8092:80", "8092:80/udp").priority(1).mark(1);
        output(sandbox().network(network.hostServices(true)).build(), "true");

        while (ours().contains("8092") || knowCables()) {
            Thread.sleep(10);
        }
        assertThat(ours()).contains("map any4 { type inet_proto . inet_service : ipv4_addr . inet_service }");
    }

    @Test
    void whatAKilledJvmLeftGoesWithTheNextSweep() throws Exception {
        Process owner = owner("doomed", "8093:80");
        assertThat(ours()).contains("8093").contains("hutch-doomed");
        owner.destroyForcibly().waitFor();

        try (Hutch next = Hutch.builder().build()) {
            assertThat(next).isNotNull();
            while (ours().contains("8093") || ours().contains("hutch-doomed") || knowCables()) {
                Thread.sleep(10);
            }
        }
    }

    @Test
    void aPortThatAKilledJvmLeftInTheMapsLeadsToWhoHasItNow() throws Exception {
        try (SandboxProcess first = sandbox().network(Network.bridge()).build().start("sleep", "1000")) {
            assertThat(first.isAlive()).as("so that there are maps").isTrue();
            Tool.run("nft", "add element inet hutch any4 { tcp . 8095 comment \"10.213.9.9\" : 10.213.9.9 . 80 }");
            try (SandboxProcess server = sandbox()
                    .network(Network.bridge().publish("8095:80"))
                    .build()
                    .start("python3", "-c", NetHost.SERVER, "tcp,0.0.0.0,80")) {
                awaitLine(server, "ready");

                assertThat(NetHost.here().ask("tcp", "127.0.0.1", 8095)).endsWith(".1");
            }
        }
    }

    /** As the reload of many a firewall does. Each JVM brings back its own. */
    @Test
    void rulesThatSomebodyFlushesComeBackForAllSandboxesThatRun() throws Exception {
        Process owner = owner("default", "8095:80");
        try (SandboxProcess running =
                sandbox().network(Network.bridge().publish("8094:80")).build().start("sleep", "600")) {
            assertThat(running.isAlive()).isTrue();
            List<String> before = sorted(Tool.run("nft", "list", "ruleset"));

            Tool.run("nft", "flush ruleset");

            List<String> after = List.of();
            for (int i = 0; i < 500 && !after.equals(before); i++) {
                Thread.sleep(20);
                after = sorted(Tool.run("nft", "list", "ruleset"));
            }
            assertThat(after).isEqualTo(before).anyMatch(line -> line.contains("8094"));
        } finally {
            owner.getOutputStream().close();
            assertThat(owner.waitFor()).isZero();
        }
    }

    /** Elements come in any order. */
    private static List<String> sorted(String rules) {
        return rules.lines()
                .flatMap(line -> Pattern.compile("[,{}]|elements =").splitAsStream(line))
                .map(String::strip)
                .sorted()
                .toList();
    }

    @Test
    void connectionsWorkAgainAsBefore() throws Exception {
        try (TestHost outside = TestHost.make();
                SandboxProcess running = sandbox()
                        .network(Network.bridge().publish("8094:80"))
                        .build()
                        .start("python3", "-c", NetHost.SERVER, "tcp,0.0.0.0,80")) {
            awaitLine(running, "ready");
            Tool.run("nft", "flush ruleset");
            for (int i = 0; !Tool.run("nft", "list", "ruleset").contains("8094"); i++) {
                assertThat(i).as("they are not back").isLessThan(500);
                Thread.sleep(20);
            }

            assertThat(NetHost.here().ask("tcp", outside.gateway4(), 8094)).isEqualTo(outside.gateway4());
            try (SandboxProcess next = bridged().build().start("sleep", "60")) {
                assertThat(said(
                                next,
                                "python3 -c \"" + NetHost.CLIENT.replace("\"", "\\\"") + "\" tcp " + ipv4(running)
                                        + " 80"))
                        .isEqualTo(ipv4(next) + "\n");
            }
        }
    }
}
