// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.Networks;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Network;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.TestHost;
import org.junit.jupiter.api.Test;

/** Programs that people use, in containers on a bridge and on a host beyond. */
@KernelTest({Need.ROOT, Need.IPROUTE, Need.NETCAT})
class RealNetworkKernelTest extends NetworkCase {
    private static final String NGINX = "cd /tmp && head -c 3000000 /dev/urandom >page && echo '"
            + "pid /tmp/pid; error_log /dev/null; events {} http { access_log off; server { listen 8080; listen [::]:8080;"
            + " root /tmp; } client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f;"
            + " uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s; }' >conf && exec /usr/sbin/nginx -p /tmp -c /tmp/conf"
            + " -g 'daemon off; master_process off;'";

    @Test
    @KernelTest({Need.NGINX, Need.CURL})
    void nginxServesCurlOverBothFamilies() throws Exception {
        try (SandboxProcess server = bridged().build().start("sh", "-c", NGINX)) {
            awaitPort(server, 8080);
            String sum = said(server, "sha256sum </tmp/page");

            for (String address : new String[] {ipv4(server), "[" + ipv6(server) + "]"}) {
                assertThat(output(
                                bridged().build(),
                                "sh",
                                "-c",
                                "curl -sgf --max-time 60 http://" + address + ":8080/page | sha256sum"))
                        .as(address)
                        .isEqualTo(sum);
            }
        }
    }

    @Test
    @KernelTest(Need.PING)
    void pingNeedsNoRightsAndThePathTakesWhatTheUplinkTakes() throws Exception {
        try (SandboxProcess neighbour = bridged().build().start("sleep", "600");
                TestHost host = TestHost.make().withRouteBack()) {
            String most = Integer.toString(UPLINK_MTU - 28);
            for (String address : new String[] {ipv4(neighbour), ipv6(neighbour), host.ipv4(), host.ipv6()}) {
                assertThat(output(bridged().build(), "ping", "-c", "1", "-W", "10", address))
                        .contains("1 received");
            }
            assertThat(output(bridged().build(), "ping", "-c", "1", "-W", "10", "-M", "do", "-s", most, host.ipv4()))
                    .contains("1 received");
            assertThat(output(
                            bridged().build(),
                            "sh",
                            "-c",
                            "ping -c 1 -W 10 -M do -s $((" + most + " + 1)) " + host.ipv4() + " 2>&1 || :"))
                    .contains("message too long");
        }
    }

    @Test
    @KernelTest(Need.IPERF3)
    void iperf3MeasuresTcpAndUdpBothWays() throws Exception {
        try (SandboxProcess server = bridged().build().start("iperf3", "-s")) {
            awaitPort(server, 5201);
            for (String how : new String[] {"", "-R", "-u -b 10M", "-6"}) {
                String address = how.equals("-6") ? ipv6(server) : ipv4(server);
                assertThat(output(bridged().build(), "sh", "-c", "iperf3 --json -t 1 " + how + " -c " + address))
                        .as("iperf3 " + how)
                        .contains("\"bits_per_second\"")
                        .doesNotContain("\"error\"");
            }
        }
    }

    @Test
    void datagramsComeAndAreAnswered() throws Exception {
        try (TestHost host = TestHost.make().withRouteBack()) {
            host.start("sh", "-c", "while :; do echo pong | nc -u -l -W 1 -s 0.0.0.0 -p 7000; done");

            assertThat(output(
                            bridged().build(),
                            "sh",
                            "-c",
                            "until echo ping | nc -u -w 1 " + host.ipv4() + " 7000 | grep pong; do :; done"))
                    .isEqualTo("pong\n");
        }
    }

    @Test
    void aConnectionThatIdlesStays() throws Exception {
        try (TestHost host = TestHost.make().withRouteBack()) {
            host.serve(7000, "sh", "-c", "(echo first; sleep 4; echo second) | nc -l -N -s 0.0.0.0 -p 7000");

            assertThat(output(bridged().build(), "sh", "-c", "nc -d " + host.ipv4() + " 7000"))
                    .isEqualTo("first\nsecond\n");
        }
    }

    @Test
    void anInternalNetworkLeadsNowhere() throws Exception {
        Networks.builder("closed").internal(true).create();
        try (Hutch context = Hutch.builder().build();
                TestHost host = TestHost.make().withRouteBack()) {
            host.serve(7000, "nc", "-lk", "-s", "0.0.0.0", "-p", "7000");
            assertThat(sandbox()
                            .context(context)
                            .network(Network.bridge("closed"))
                            .build()
                            .run("sh", "-c", "nc -zv -w 5 " + host.ipv4() + " 7000 2>&1; ip route show default")
                            .out())
                    .contains("Network is unreachable")
                    .doesNotContain("default via");
        } finally {
            Networks.remove("closed");
        }
    }
}
