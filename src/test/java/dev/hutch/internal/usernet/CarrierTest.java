// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.usernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.dns.Resolvers;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.TestKernelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CarrierTest {
    private static final Resolvers REMOTE =
            Resolvers.parse("nameserver 192.0.2.53\nnameserver 127.0.0.53\nsearch lab\n");
    private static final Resolvers LOCAL = Resolvers.parse("# resolved\nnameserver 127.0.0.53\noptions edns0\n");
    private static final Resolvers NONE = Resolvers.parse("");

    @TempDir
    Path folder;

    private void install(String name) throws Exception {
        Path file = Files.createFile(folder.resolve(name));
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"'',pasta", "pasta,pasta", "slirp4netns,slirp4netns"})
    void pastaIsTakenUnlessTheOtherIsAskedFor(String asked, String taken) throws Exception {
        install("pasta");
        install("slirp4netns");

        assertThat(Carrier.find(asked, List.of(folder)).program()).hasFileName(taken);
    }

    @Test
    void slirp4netnsServesWhereThereIsNoPasta() throws Exception {
        install("slirp4netns");

        assertThat(Carrier.find("", List.of(folder)).program()).hasFileName("slirp4netns");
    }

    @ParameterizedTest
    @CsvSource({"'',neither pasta nor slirp4netns", "pasta,pasta is not", "slirp4netns,slirp4netns is not"})
    void whereItIsNotInstalledThePackagesAreNamed(String asked, String said) {
        assertThatThrownBy(() -> Carrier.find(asked, List.of(folder)))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining(said)
                .hasMessageContaining("apt-get install passt")
                .hasMessageContaining("slirp4netns");
    }

    @Test
    void neitherLeadsToTheHostsLoopback() {
        assertThat(new Pasta(folder).words(REMOTE, List.of())).contains("--no-map-gw", "--tcp-ns", "--udp-ns");
        assertThat(new Slirp4netns(folder).words(REMOTE, List.of())).contains("--disable-host-loopback");
    }

    @Test
    void programsInsideAskTheHostsServersWhereTheseCanBeReached() throws Exception {
        assertThat(new Pasta(folder).nameservers(REMOTE)).containsExactly("192.0.2.53");
        assertThat(new Pasta(folder).words(REMOTE, List.of())).containsSequence("--tcp-ns", "none", "--udp-ns", "none");
        assertThat(new Slirp4netns(folder).nameservers(REMOTE)).containsExactly("192.0.2.53");
        assertThat(REMOTE.with(List.of("192.0.2.53"))).isEqualTo("nameserver 192.0.2.53\nsearch lab\n");
    }

    @Test
    void aServerOnTheHostsLoopbackHasAnAddressThatStandsForIt() throws Exception {
        Resolvers local = Resolvers.parse("nameserver 127.0.0.1\n");

        assertThat(new Pasta(folder).words(local, List.of())).containsSequence("--tcp-ns", "53", "--udp-ns", "53");
        assertThat(new Pasta(folder).nameservers(local)).containsExactly("127.0.0.1");
        assertThat(new Slirp4netns(folder).nameservers(LOCAL)).containsExactly("10.0.2.3");
    }

    @Test
    void aServerToWhichNoWayLeadsIsAnError() {
        assertThatThrownBy(() -> new Pasta(folder).nameservers(LOCAL)).hasMessageContaining("127.0.0.53");
        assertThatThrownBy(() -> new Slirp4netns(folder).nameservers(Resolvers.of(List.of("127.0.0.1"))))
                .hasMessageContaining("--dns");
    }

    @Test
    void theServersBehindSystemdResolvedAreAskedThemselves() throws Exception {
        TestKernelFiles files = new TestKernelFiles()
                .text("/etc/resolv.conf", "nameserver 127.0.0.53\n")
                .text("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.1\nsearch home\n");

        assertThat(Resolvers.read(files).servers()).containsExactly("192.0.2.1");
    }

    @Test
    void aHostWithoutServersHasNoneToGive() throws Exception {
        assertThat(new Pasta(folder).nameservers(NONE)).isEmpty();
        assertThat(new Slirp4netns(folder).nameservers(NONE)).isEmpty();
    }

    @Test
    void publishedPortsAreTheOnlyOnesThatLeadInside() {
        assertThat(new Pasta(folder).words(REMOTE, List.of()))
                .containsSequence("--tcp-ports", "none", "--udp-ports", "none");
        assertThat(new Pasta(folder)
                        .words(
                                REMOTE,
                                List.of(
                                        PortMapping.parse("127.0.0.1:8080:80"),
                                        PortMapping.parse("[::1]:9000-9002:1-3"),
                                        PortMapping.parse("5353:53/udp"))))
                .containsSequence("--tcp-ports", "127.0.0.1/8080:80", "--tcp-ports", "0:0:0:0:0:0:0:1/9000-9002:1-3")
                .containsSequence("--udp-ports", "5353:53");
    }

    @Test
    void slirp4netnsIsAskedForEachPort() {
        assertThat(SlirpPorts.request(PortMapping.parse("127.0.0.1:8080:80")))
                .isEqualTo("{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"tcp\",\"host_addr\":\"127.0.0.1\","
                        + "\"host_port\":8080,\"guest_addr\":\"10.0.2.100\",\"guest_port\":80}}\n");
        assertThatThrownBy(() -> SlirpPorts.publish(folder, PortMapping.parse("[::1]:8080:80")))
                .hasMessageContaining("IPv4 alone");
    }

    @Test
    void aFailureIsToldInItsOwnWordsAndWithACure() {
        String said = "No external routable interface for IPv4\nFailed to send 34 bytes to syslog\n"
                + "External interface not usable\n";

        assertThat(new Pasta(Path.of("/usr/bin/pasta")).failed(said))
                .hasMessageContaining("External interface not usable")
                .hasMessageContaining("no default route");
        assertThat(new Slirp4netns(folder).failed("")).hasMessageContaining("it said nothing");
    }
}
