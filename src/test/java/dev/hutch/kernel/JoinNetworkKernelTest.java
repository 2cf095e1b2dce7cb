// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers in network namespaces that exist: another container's, or one that somebody made. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NETCAT})
class JoinNetworkKernelTest extends NetworkCase {
    private static final String SERVE = "nc -lk -s 127.0.0.1 -p 7000";

    private static Sandbox joining(Network network) {
        return sandbox().network(network).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "bridge"})
    void anothersLoopbackAndInterfacesAreItsOwn(String kind) throws Exception {
        Sandbox.Builder named = sandbox().network(Network.parse(kind)).name("web");
        try (SandboxProcess web = named.build().start("sh", "-c", SERVE)) {
            awaitPort(web, 7000);
            Sandbox joins = joining(Network.container("web"));

            assertThat(output(joins, "sh", "-c", "nc -zv -w 5 127.0.0.1 7000 2>&1"))
                    .contains("succeeded");
            assertThat(output(joins, "ip", "-o", "addr")).isEqualTo(said(web, "ip -o addr"));
        }
    }

    @Test
    void aProcessHandsItsNetworkOn() throws Exception {
        try (SandboxProcess web = bridged().build().start("sh", "-c", SERVE)) {
            awaitPort(web, 7000);
            try (SandboxProcess joins = joining(web.network()).start("sleep", "600")) {
                assertThat(namespace(joins.pid(), "net")).isEqualTo(namespace(web.pid(), "net"));
                assertThat(namespace(joins.pid(), "user")).isNotEqualTo(namespace(web.pid(), "user"));
                assertThat(said(joins, "readlink /proc/self/ns/net"))
                        .as("a command that joins the one that joined")
                        .isEqualTo(said(web, "readlink /proc/self/ns/net"));
            }
        }
    }

    @Test
    void itKnowsTheOthersAddressByItsOwnName() throws Exception {
        try (SandboxProcess web = bridged().name("web").build().start("sh", "-c", SERVE)) {
            awaitPort(web, 7000);

            assertThat(output(
                            joining(Network.container("web")),
                            "sh",
                            "-c",
                            "getent ahostsv4 $(hostname) | head -n 1 | cut -d' ' -f1"))
                    .isEqualTo(ipv4(web) + "\n");
        }
    }

    @Test
    void aNamespaceOfSomebodysIsJoinedByItsPath(@TempDir Path folder) throws Exception {
        Tool.run("ip", "netns", "add", "red");
        try {
            Tool.run("ip", "-n", "red", "link", "add", "red0", "type", "veth", "peer", "name", "red1");
            Sandbox joins = joining(Network.namespace("/run/netns/red"));

            assertThat(output(joins, "ip", "-br", "link")).contains("red0@red1", "red1@red0");
            assertThat(output(
                            sandbox()
                                    .rootfs(new Rootfs.Directory(BusyboxRoot.copyTo(folder), true, false))
                                    .network(Network.namespace("/run/netns/red"))
                                    .build(),
                            "ip",
                            "link"))
                    .as("in a root of the caller's")
                    .contains("red0");
        } finally {
            Tool.run("ip", "netns", "del", "red");
        }
    }

    /** As ip-netns(8) has it. */
    @Test
    void aNamespaceWithANameHasTheServersThatAreKeptForIt() throws Exception {
        Path kept = Path.of("/etc/netns/hutch-red");
        Tool.run("ip", "netns", "add", "hutch-red");
        try {
            Files.createDirectories(kept);
            Files.writeString(kept.resolve("resolv.conf"), "nameserver 192.0.2.77\n");

            assertThat(output(joining(Network.namespace("/run/netns/hutch-red")), "cat", "/etc/resolv.conf"))
                    .isEqualTo("nameserver 192.0.2.77\n");
        } finally {
            Tool.run("rm", "-r", kept.toString());
            Tool.run("sh", "-c", "rmdir /etc/netns 2>/dev/null || true");
            Tool.run("ip", "netns", "del", "hutch-red");
        }
    }

    @Test
    void theResultSaysWhoseTheNamespaceIs() throws Exception {
        try (SandboxProcess web = sandbox().name("web").build().start("sleep", "600")) {
            assertThat(web.isAlive()).isTrue();
            SandboxResult result = joining(Network.container("web")).run("true");

            assertThat(result.enforced())
                    .filteredOn(wall -> wall.name().equals("net-namespace"))
                    .singleElement()
                    .satisfies(wall -> {
                        assertThat(wall.enforced()).isFalse();
                        assertThat(wall.value()).isEqualTo("container:web");
                    });
        }
    }

    @Test
    void aNameThatNobodyOrMoreThanOneHasIsRefused() throws Exception {
        assertThatThrownBy(() -> joining(Network.container("nobody")).run("true"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContainingAll("nobody", "no sandbox of that name");
        try (SandboxProcess one = sandbox().name("twin").build().start("sleep", "600");
                SandboxProcess two = sandbox().name("twin").build().start("sleep", "600")) {
            assertThat(one.isAlive() && two.isAlive()).isTrue();
            assertThatThrownBy(() -> joining(Network.container("twin")).run("true"))
                    .hasMessageContaining("2 sandboxes have that name");
        }
    }

    @Test
    void anEndedOneIsNotJoined() throws Exception {
        SandboxProcess web = sandbox().name("web").build().start("true");
        Network its;
        try (SandboxProcess other = sandbox().build().start("sleep", "600")) {
            its = other.network();
        }
        web.result();
        web.close();

        assertThatThrownBy(() -> joining(Network.container("web")).run("true")).isInstanceOf(SandboxException.class);
        assertThatThrownBy(() -> joining(its).run("true")).isInstanceOf(SandboxException.class);
        assertThatThrownBy(web::network).isInstanceOf(SandboxException.class).hasMessageContaining("has ended");
    }

    @Test
    void whatIsNoNamespaceIsRefusedAndNotWaitedFor(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe");
        Tool.run("mkfifo", pipe.toString());
        Path file = Files.writeString(folder.resolve("file"), "");

        for (Path each : new Path[] {pipe, file, folder}) {
            assertThatThrownBy(() -> joining(Network.namespace(each.toString())).run("true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("no namespace's file");
        }
        assertThatThrownBy(() -> joining(Network.namespace("/run/netns/absent")).run("true"))
                .hasMessageContaining("ip netns list");
        assertThatThrownBy(() -> joining(Network.namespace("/proc/self/ns/uts")).run("true"))
                .as("a namespace of another kind")
                .isInstanceOf(SandboxException.class);
    }
}
