// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.net.Guest;
import dev.hutch.support.InOwnNetwork;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.NetHost;
import dev.hutch.support.Tool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who reaches whom through the host's rules. */
@InOwnNetwork
@KernelTest({Need.ROOT, Need.NFT, Need.PYTHON})
class FirewallKernelTest extends FirewallCase {
    private static final String REFUSED = "EHOSTUNREACH";
    private static final String REFUSED6 = "EACCES";

    private Guest first;
    private Guest second;
    private Guest elsewhere;

    @BeforeEach
    void addNetworks() throws Exception {
        firewall.addNetwork("hutch-a", false, false);
        firewall.addNetwork("hutch-b", false, false);
        first = guest("hutch-a", 2);
        second = guest("hutch-a", 3);
        elsewhere = guest("hutch-b", 2);
    }

    @Test
    void whatLeavesHasTheHostsAddress() throws Exception {
        NetHost container = walled(first);
        for (String address : new String[] {"192.0.2.2", "2001:db8::2"}) {
            world.serve("tcp," + address + ",80");
            world.serve("udp," + address + ",80");
        }

        assertThat(container.ask("tcp", "192.0.2.2", 80)).isEqualTo("192.0.2.1");
        assertThat(container.ask("udp", "192.0.2.2", 80)).isEqualTo("192.0.2.1");
        assertThat(container.ask("tcp", "2001:db8::2", 80)).isEqualTo("2001:db8::1");
        assertThat(container.ask("udp", "2001:db8::2", 80)).isEqualTo("2001:db8::1");
        container.run("ping", "-c1", "-W3", "192.0.2.2");
    }

    @Test
    void neighboursSeeEachOthersOwnAddresses() throws Exception {
        NetHost one = walled(first);
        NetHost two = walled(second);
        two.serve("tcp,10.88.1.3,80");
        two.serve("tcp,fd00:1::3,80");

        assertThat(one.ask("tcp", "10.88.1.3", 80)).isEqualTo("10.88.1.2");
        assertThat(one.ask("tcp", "fd00:1::3", 80)).isEqualTo("fd00:1::2");
    }

    @Test
    void networksAreIsolatedFromEachOther() throws Exception {
        NetHost one = walled(first);
        NetHost other = walled(elsewhere);
        other.serve("tcp,10.88.2.2,80");
        other.serve("tcp,fd00:2::2,80");

        assertThat(one.ask("tcp", "10.88.2.2", 80)).isEqualTo(REFUSED);
        assertThat(one.ask("tcp", "fd00:2::2", 80)).isEqualTo(REFUSED6);
    }

    @Test
    void nothingFromOutsideReachesAContainerUnasked() throws Exception {
        NetHost container = walled(first);
        container.serve("tcp,10.88.1.2,80");
        world.run("ip", "route", "add", "10.88.1.0/24", "via", "192.0.2.1");

        assertThat(world.ask("tcp", "10.88.1.2", 80)).isEqualTo(REFUSED);
        assertThat(NetHost.here().ask("tcp", "10.88.1.2", 80))
                .as("from the host")
                .isEqualTo("10.88.1.1");
    }

    @Test
    void theHostsServicesAreOutOfReachOnEveryInterface() throws Exception {
        NetHost container = walled(first);
        here.serve("tcp,0.0.0.0,2222");
        here.serve("tcp,::,2223");
        here.serve("udp,0.0.0.0,2222");

        for (String address : new String[] {"10.88.1.1", "10.88.2.1", "192.0.2.1"}) {
            assertThat(container.ask("tcp", address, 2222)).as(address).isEqualTo(REFUSED);
            assertThat(container.ask("udp", address, 2222)).as(address).isEqualTo(REFUSED);
        }
        for (String address : new String[] {"fd00:1::1", "fd00:2::1", "2001:db8::1"}) {
            assertThat(container.ask("tcp", address, 2223)).as(address).isEqualTo(REFUSED6);
        }
        container.run("ping", "-c1", "-W3", "10.88.1.1");
    }

    @Test
    void theHostsServicesAreReachedByWhoAskedForThemAlone() throws Exception {
        NetHost asked = walled(first.reachingTheHost(true));
        NetHost not = walled(second);
        here.serve("tcp,::,2222");

        assertThat(asked.ask("tcp", "192.0.2.1", 2222)).endsWith("10.88.1.2");
        assertThat(asked.ask("tcp", "fd00:1::1", 2222)).isEqualTo("fd00:1::2");
        assertThat(not.ask("tcp", "192.0.2.1", 2222)).isEqualTo(REFUSED);
    }

    @Test
    void theCloudsMetadataAddressIsOutOfReach() throws Exception {
        NetHost container = walled(first);
        world.run("ip", "address", "add", "169.254.169.254/32", "dev", "lo");
        Tool.run("ip", "route", "add", "169.254.169.254/32", "via", "192.0.2.2");
        world.serve("tcp,169.254.169.254,80");

        assertThat(NetHost.here().ask("tcp", "169.254.169.254", 80))
                .as("the host")
                .isEqualTo("192.0.2.1");
        assertThat(container.ask("tcp", "169.254.169.254", 80)).isEqualTo(REFUSED);
    }

    @Test
    void anInternalNetworkLeadsNowhere() throws Exception {
        firewall.removeNetwork("hutch-b");
        firewall.addNetwork("hutch-b", true, false);
        NetHost container = walled(elsewhere);
        world.serve("tcp,192.0.2.2,80");
        world.serve("tcp,2001:db8::2,80");

        assertThat(container.ask("tcp", "192.0.2.2", 80)).isEqualTo(REFUSED);
        assertThat(container.ask("tcp", "2001:db8::2", 80)).isEqualTo(REFUSED6);
    }

    @Test
    void containersOfAnIsolatedNetworkDoNotReachEachOtherByTheGateway() throws Exception {
        firewall.removeNetwork("hutch-a");
        firewall.addNetwork("hutch-a", false, true);
        NetHost one = walled(first);
        NetHost two = walled(second);
        two.serve("tcp,10.88.1.3,80");
        for (Guest each : new Guest[] {first, second}) {
            Tool.run("bridge", "link", "set", "dev", each.port(), "isolated", "on");
        }
        one.run("ip", "route", "add", "10.88.1.3/32", "via", "10.88.1.1");

        assertThat(one.ask("tcp", "10.88.1.3", 80)).isEqualTo(REFUSED);
    }
}
