// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A bridge is the host's: several JVMs have containers on it, and any of them may die at any time. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NETCAT})
class BridgeSharingKernelTest extends NetworkCase {
    private static final int KILLS = 5;
    private static final Path STATE = Path.of("/run/hutch/networks");

    private static List<String> addresses(Process owner) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8));
        List<String> addresses = new ArrayList<>();
        String line = lines.readLine();
        while (line != null && !line.equals("ready")) {
            addresses.add(line);
            line = lines.readLine();
        }
        assertThat(line).isEqualTo("ready");
        return addresses;
    }

    private static Set<String> links() throws IOException {
        Set<String> names = new HashSet<>();
        for (String line : Tool.run("ip", "-br", "link").lines().toList()) {
            names.add(line.split("[ @]")[0]);
        }
        return names;
    }

    private static Set<String> leases(String network) throws IOException {
        Path folder = STATE.resolve(network).resolve("leases");
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return new HashSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void twoJvmsHaveContainersOnOneBridgeThatReachEachOther() throws Exception {
        Process other = OtherJvm.start(List.of(), BridgeOwner.class, "default");
        try (SandboxProcess mine = bridged().build().start("nc", "-lk", "-s", "0.0.0.0", "-p", "7000")) {
            List<String> theirs = addresses(other);
            awaitPort(mine, 7000);

            assertThat(theirs).hasSize(3).doesNotHaveDuplicates().doesNotContain(ipv4(mine));
            for (String address : theirs) {
                assertThat(said(mine, "nc -zv -w 5 " + address + " 7000 2>&1")).contains("succeeded");
            }
            assertThat(leases("default")).containsAll(theirs);
        } finally {
            other.getOutputStream().close();
            assertThat(other.waitFor()).isZero();
        }
        assertThat(links()).as("this JVM still uses it").contains("hutch-default");
    }

    @Test
    void theLastJvmThatEndsWellTakesTheBridgeAlong() throws Exception {
        try (Hutch context = Hutch.builder().build()) {
            output(sandbox().context(context).network(Network.bridge("brief")).build(), "true");
            assertThat(links()).contains("hutch-brief");
        }
        assertThat(links()).doesNotContain("hutch-brief");
        assertThat(STATE.resolve("brief")).doesNotExist();
    }

    @Test
    void nothingIsLeftOfAJvmThatWasKilledOnceTheNextOneHasSwept() throws Exception {
        Set<String> before = links();
        Process owner = OtherJvm.start(List.of(), BridgeOwner.class, "doomed");
        List<String> addresses = addresses(owner);
        assertThat(leases("doomed")).hasSize(3).containsAll(addresses);
        assertThat(links()).hasSize(before.size() + 4).contains("hutch-doomed");

        owner.destroyForcibly().waitFor();
        theNextOneSweeps("doomed", before);
    }

    /** Returns when the network is gone, and the links are those from before. */
    private static void theNextOneSweeps(String network, Set<String> before) throws Exception {
        try (Hutch next = Hutch.builder().build()) {
            assertThat(next).isNotNull();
            while (Files.exists(STATE.resolve(network)) || !links().equals(before)) {
                Thread.sleep(10);
            }
        }
        assertThat(links()).isEqualTo(before);
        assertThat(STATE.resolve(network)).doesNotExist();
    }

    @Test
    void norOfJvmsThatWereKilledWhileTheyLaunched() throws Exception {
        Set<String> before = links();
        for (int i = 0; i < KILLS; i++) {
            Process owner = OtherJvm.start(List.of(), BridgeOwner.class, "doomed", "for-ever");
            assertThat(owner.inputReader().readLine()).isEqualTo("launching");
            Thread.sleep(43L * i);
            owner.destroyForcibly().waitFor();
        }
        theNextOneSweeps("doomed", before);
    }

    /** As a JVM leaves it that is killed between two steps. */
    @Test
    void norOfOneThatHadNotWrittenDownWhatItMade() throws Exception {
        Set<String> before = links();
        Files.createDirectories(STATE.resolve("halfway/users"));
        Files.createDirectories(STATE.resolve("halfway/leases"));
        theNextOneSweeps("halfway", before);
    }

    @Test
    void anAddressOfADeadJvmIsGivenAgainWithoutASweep() throws Exception {
        Process owner = OtherJvm.start(List.of(), BridgeOwner.class, "default");
        List<String> addresses = addresses(owner);
        owner.destroyForcibly().waitFor();

        for (String address : addresses) {
            assertThat(Tool.run("flock", "--nonblock", STATE + "/default/leases/" + address, "echo", "free"))
                    .isEqualTo("free\n");
            Files.delete(STATE.resolve("default/leases").resolve(address));
        }
    }

    @Test
    void aBridgeThatSomebodyRemovedIsMadeAgain() throws Exception {
        try (Hutch context = Hutch.builder().build()) {
            var box =
                    sandbox().context(context).network(Network.bridge("shaky")).build();
            output(box, "true");
            Tool.run("ip", "link", "del", "hutch-shaky");

            assertThat(output(box, "ip", "-br", "-4", "addr", "show", "dev", "eth0"))
                    .contains("10.2");
        }
        assertThat(links()).doesNotContain("hutch-shaky");
    }

    @Test
    void soItIsForOneWhosePortsArePublishedToo() throws Exception {
        try (Hutch context = Hutch.builder().build()) {
            Network network = Network.bridge("shaky").publish("18080:80");
            var box = sandbox().context(context).network(network).build();
            // Closed, it has given its port back.
            try (SandboxProcess first = box.start("true")) {
                assertThat(first.waitFor()).isZero();
            }
            Tool.run("ip", "link", "del", "hutch-shaky");

            try (SandboxProcess process = box.start("cat")) {
                assertThat(Path.of("/proc/sys/net/ipv4/conf/hutch-shaky/route_localnet"))
                        .hasContent("1");
                process.outputWriter().close();
                assertThat(process.waitFor()).isZero();
            }
        }
    }
}
