// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.HostState;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Uplink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same list without root: the rules are in the sandbox's own network namespace, to which its user has the right. */
@KernelTest({
    Need.ROOT,
    Need.USER_NAMESPACES,
    Need.IPROUTE,
    Need.PASTA,
    Need.SLIRP4NETNS,
    Need.TUN,
    Need.PYTHON,
    Need.PLAIN_USER,
    Need.DNSMASQ
})
class EgressPlainUserKernelTest {
    private static Uplink uplink;

    @BeforeAll
    static void makeTheWorld() throws Exception {
        uplink = Uplink.make();
        uplink.world().serve("hello,0.0.0.0,8001", "echo,0.0.0.0,8002");
        uplink.world()
                .serve(
                        53,
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--no-resolv",
                        "--no-hosts",
                        "--user=root",
                        "--bind-interfaces",
                        "--listen-address=" + Uplink.WORLD_4,
                        "--host-record=good.test," + Uplink.WORLD_4,
                        "--host-record=other.test," + Uplink.WORLD_4);
    }

    @AfterAll
    static void endTheWorld() throws IOException {
        uplink.close();
    }

    private record Ended(int status, List<String> out, String err) {}

    private static Ended run(String program, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("run", "--network", "user:" + program, "--dns", Uplink.WORLD_4));
        words.addAll(List.of(options));
        Process process = uplink.start(true, Main.class, words.toArray(String[]::new));
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out.lines().toList(), err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pasta", "slirp4netns"})
    void namesOnTheListAreReachedAndTheRestIsNamedAtTheEnd(String program) throws Exception {
        HostState before = HostState.now();
        List<String> options = new ArrayList<>(List.of(
                "--egress", "good.test:8001", "--egress", "good.test:8002", "--", "python3", "-c", EgressCase.PROBE));
        options.addAll(List.of(
                "tcp,good.test,8001",
                "udp,good.test,8002",
                "tcp,other.test,8001",
                "tcp," + Uplink.WORLD_4 + ",53",
                "tcp,10.0.2.2,22"));
        Ended ended = run(program, options.toArray(String[]::new));

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out())
                .containsExactly(
                        "tcp,good.test,8001 hello",
                        "udp,good.test,8002 hello",
                        "tcp,other.test,8001 NO-NAME",
                        "tcp," + Uplink.WORLD_4 + ",53 ECONNREFUSED",
                        "tcp,10.0.2.2,22 ECONNREFUSED");
        assertThat(ended.err())
                .contains("not on the egress list, and refused: other.test, ")
                .contains("good.test (" + Uplink.WORLD_4 + ":53/tcp)")
                .contains("10.0.2.2:22/tcp")
                .contains("--egress allows it");
        assertThat(before.leftovers()).as("left behind").isEmpty();
    }

    @Test
    void aListThatNobodyCouldKeepIsRefusedBeforeAnythingIsMade() throws Exception {
        assertThat(run("pasta", "--network", "none", "--egress", "a.org", "--", "true")
                        .err())
                .contains("'none' has no dns and no egress list");
        Ended capable = run("pasta", "--egress", "a.org", "--cap-add", "net_raw", "--", "true");
        assertThat(capable.status()).isEqualTo(125);
        assertThat(capable.err()).contains("CAP_NET_RAW contradict each other");
        assertThat(run("pasta", "--egress", "a b", "--", "true").err()).contains("is no name");
        assertThat(run(
                                "pasta",
                                "--egress",
                                "a.org",
                                "-v",
                                "/tmp:/x",
                                "--security-opt",
                                "seccomp=unconfined",
                                "--",
                                "true")
                        .err())
                .contains("--allow unix-sockets");
    }
}
