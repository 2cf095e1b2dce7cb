// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container on a bridge of the host's, seen from inside, from its neighbours, and from a host beyond. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NETCAT})
class BridgeKernelTest extends NetworkCase {
    private static final String ADDRESS = "10\\.2(1[3-9]|20)\\.\\d+\\.\\d+";

    @Test
    void itHasOneInterfaceWithAnAddressOfTheSubnet() throws Exception {
        List<String> links = lines("ip -br link");
        List<String> addresses = lines("ip -br -4 addr show dev eth0; ip -br -6 addr show dev eth0 scope global");

        assertThat(links).hasSize(2);
        assertThat(links.get(1)).matches("eth0@if\\d+ +UP +02:48:.*");
        assertThat(addresses.get(0)).matches("eth0@if\\d+ +UP +" + ADDRESS + "/22 *");
        assertThat(addresses.get(1)).matches("eth0@if\\d+ +UP +fd[0-9a-f:]+/64 *");
    }

    @Test
    void theMacAddressIsDerivedFromTheIpAddress() throws Exception {
        List<String> seen = lines("cat /sys/class/net/eth0/address 2>/dev/null || ip -br link show eth0 | tr -s ' ' |"
                + " cut -d' ' -f3; getent ahostsv4 $(hostname) | head -1 | cut -d' ' -f1");

        StringBuilder mac = new StringBuilder("02:48");
        for (String part : seen.get(1).split("\\.")) {
            mac.append(String.format(Locale.ROOT, ":%02x", Integer.parseInt(part)));
        }
        assertThat(seen.get(0)).isEqualTo(mac.toString());
    }

    @Test
    void itsDefaultRoutesLeadToTheBridgeAndItsMtuIsTheUplinks() throws Exception {
        List<String> seen = lines("ip route show default; ip -6 route show default; ip -o link show eth0");

        assertThat(seen.get(0)).matches("default via 10\\.[\\d.]+\\.1 dev eth0.*");
        assertThat(seen.get(1)).matches("default via fd[0-9a-f:]+::1 dev eth0.*");
        assertThat(seen.get(2)).contains(" mtu " + UPLINK_MTU + " ");
    }

    @Test
    void itHasItsOwnNameAndAddressInHosts() throws Exception {
        List<String> hosts = lines("hostname; cat /etc/hosts");

        assertThat(hosts).anyMatch(line -> line.matches(ADDRESS + "\\s" + hosts.get(0)));
        assertThat(hosts).anyMatch(line -> line.matches("fd[0-9a-f:]+\\s" + hosts.get(0)));
        assertThat(hosts).contains("127.0.0.1\tlocalhost");
    }

    @Test
    void neighboursTalkOverBothFamilies() throws Exception {
        try (SandboxProcess server = bridged().build().start("nc", "-lk", "-s", "0.0.0.0", "-p", "7000");
                SandboxProcess six = bridged().build().start("nc", "-lk", "-s", "::", "-p", "7000")) {
            awaitPort(server, 7000);
            awaitPort(six, 7000);

            assertThat(output(bridged().build(), "sh", "-c", "nc -zv -w 5 " + ipv4(server) + " 7000 2>&1"))
                    .contains("succeeded");
            assertThat(output(bridged().build(), "sh", "-c", "nc -zv -w 5 " + ipv6(six) + " 7000 2>&1"))
                    .contains("succeeded");
        }
    }

    @Test
    void aHostBeyondIsReachedOverBothFamilies() throws Exception {
        try (TestHost host = TestHost.make().withRouteBack()) {
            host.serve(7000, "nc", "-lk", "-s", "0.0.0.0", "-p", "7000");
            host.serve(7001, "nc", "-lk", "-s", "::", "-p", "7001");

            assertThat(output(bridged().build(), "sh", "-c", "nc -zv -w 5 " + host.ipv4() + " 7000 2>&1"))
                    .contains("succeeded");
            assertThat(output(bridged().build(), "sh", "-c", "nc -zv -w 5 " + host.ipv6() + " 7001 2>&1"))
                    .contains("succeeded");
        }
    }

    @Test
    void twoHundredOnOneBridgeHaveTwoHundredAddresses() throws Exception {
        List<SandboxProcess> all = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                SandboxProcess next =
                        bridged().build().start("sh", "-c", "getent ahostsv4 $(hostname); exec sleep 600");
                all.add(next);
                addresses.add(readWord(next));
            }

            assertThat(addresses).doesNotHaveDuplicates().allMatch(address -> address.matches(ADDRESS));
            String first = addresses.get(0);
            assertThat(said(all.get(199), "echo x | nc -u -w 1 " + first + " 9; ip neigh"))
                    .as("the last has found the first")
                    .contains(first)
                    .doesNotContain("FAILED");
        } finally {
            for (SandboxProcess process : all) {
                process.close();
            }
        }
    }

    private static String readWord(SandboxProcess process) throws IOException {
        StringBuilder word = new StringBuilder();
        for (int next = process.getInputStream().read();
                next > ' ';
                next = process.getInputStream().read()) {
            word.append((char) next);
        }
        return word.toString();
    }

    @Test
    void aRootOfTheCallersGetsItsFilesReadOnlyAndKeepsItsOwn(@TempDir Path folder) throws Exception {
        Path root = BusyboxRoot.copyTo(folder);
        Files.writeString(root.resolve("etc/hosts"), "the image's\n");
        Files.writeString(root.resolve("etc/resolv.conf"), "");

        String seen = output(
                sandbox()
                        .rootfs(new Rootfs.Directory(root, false, false))
                        .network(Network.bridge())
                        .build(),
                "sh",
                "-c",
                "cat /etc/hosts; echo x >>/etc/hosts || echo refused; ls /tmp");

        assertThat(seen.lines().toList())
                .anyMatch(line -> line.matches(ADDRESS + "\\s.*"))
                .contains("refused")
                .doesNotContain("the image's");
        assertThat(root.resolve("etc/hosts")).hasContent("the image's\n");
    }

    @Test
    @KernelTest(Need.IDMAP_HERE)
    void aLayerInMemoryTakesItsFilesOverALinkThatLeadsOut(@TempDir Path folder) throws Exception {
        Path root = BusyboxRoot.copyTo(folder);
        Path outside = Files.writeString(folder.resolve("outside"), "the host's\n");
        Files.createSymbolicLink(root.resolve("etc/hosts"), outside);

        String seen = output(
                sandbox()
                        .rootfs(new Rootfs.Directory(root, false, true))
                        .network(Network.bridge())
                        .build(),
                "cat",
                "/etc/hosts");

        assertThat(seen).contains("localhost");
        assertThat(outside).hasContent("the host's\n");
        assertThat(root.resolve("etc/hosts")).isSymbolicLink();
    }

    private static List<String> lines(String script) throws Exception {
        return output(bridged().build(), "sh", "-c", script).lines().toList();
    }
}
