// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest({Need.USER_NAMESPACES, Need.GCC, Need.BUSYBOX})
class NetworkKernelTest extends SandboxCase {
    @Test
    void onlyLoopbackExistsAndIsUp() throws Exception {
        assertThat(report(probed().build()).interfaces()).containsExactlyEntriesOf(Map.of("lo", "up"));
    }

    @Test
    void loopbackCarriesBothFamilies() throws Exception {
        Inside answers = attempt(probed().build(), "loopback4", "loopback6");

        assertThat(answers.values().values()).containsOnly("ok");
    }

    @Test
    void nothingBeyondLoopbackHasARoute() throws Exception {
        assertThat(answer(probed().build(), "route_out")).isEqualTo("ENETUNREACH");
    }

    @Test
    void lowPortsAndPingNeedNoRights() throws Exception {
        Inside seen = report(probed().build());

        assertThat(answer(probed().build(), "loopback_port_80")).isEqualTo("ok");
        assertThat(seen.text("unprivileged_port_start.0")).isEqualTo("0");
        assertThat(Stream.of(seen.text("ping_group_range.0").split("\\s+")).map(Long::valueOf))
                .as("first and last group that may ping")
                .satisfies(range -> assertThat(1000L).isBetween(range.get(0), range.get(1)));
    }

    @Test
    void theHostsNetworkIsTheHostsWhenAskedFor() throws Exception {
        Inside seen = report(probed().network(Network.HOST).build());

        assertThat(seen.namespace("net")).isEqualTo(ownNamespace("net"));
    }

    @Test
    void itAsksTheHostsNameServersThere() throws Exception {
        List<String> servers = Files.readAllLines(Path.of("/etc/resolv.conf")).stream()
                .filter(line -> line.startsWith("nameserver"))
                .toList();

        assertThat(output(sandbox().network(Network.HOST).build(), "cat", "/etc/resolv.conf")
                        .lines())
                .containsAll(servers)
                .isNotEmpty();
    }

    @Test
    void aRootOfTheCallersKeepsItsOwnFilesThere(@TempDir Path folder) throws Exception {
        Path root = BusyboxRoot.copyTo(folder);
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/resolv.conf"), Path.of("../run/elsewhere"));
        Files.writeString(root.resolve("etc/hosts"), "192.0.2.1 its-own\n");
        Sandbox box = sandbox()
                .rootfs(new Rootfs.Directory(root, false, false))
                .network(Network.HOST)
                .build();

        assertThat(output(box, "sh", "-c", "readlink /etc/resolv.conf; cat /etc/hosts"))
                .isEqualTo("../run/elsewhere\n192.0.2.1 its-own\n");
    }
}
