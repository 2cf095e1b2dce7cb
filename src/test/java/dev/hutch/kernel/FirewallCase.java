// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.net.Firewall;
import dev.hutch.internal.net.Guest;
import dev.hutch.support.NetHost;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two bridges, a and b, with containers that are bare network namespaces, and a world outside: 192.0.2.2 and 2001:db8::2,
 * where the host is 192.0.2.1 and 2001:db8::1. Bridge N has 10.88.N.1/24 and fd00:N::1/64.
 */
abstract class FirewallCase {
    protected final List<NetHost> hosts = new ArrayList<>();
    protected final NetHost here = NetHost.here();
    protected Firewall firewall;
    protected NetHost world;

    @BeforeEach
    void build() throws Exception {
        for (String path : List.of("ipv4/ip_forward", "ipv6/conf/all/forwarding")) {
            set(path, 1);
        }
        // Else the kernel tells a host no more than six refusals at once, and then one a second; icmp(7).
        set("ipv4/icmp_ratelimit", 0);
        set("ipv6/icmp/ratelimit", 0);
        firewall = new Firewall(JniKernel.load());
        bridge("hutch-a", 1);
        bridge("hutch-b", 2);
        // Else what the kernel has learned stays for a second, whoever says otherwise.
        set("ipv4/neigh/hutch-a/locktime", 0);
        world = NetHost.make();
        hosts.add(world);
        world.cable(here, "wan0", "eth0");
        world.address("eth0", "192.0.2.2/24", "2001:db8::2/64");
        here.address("wan0", "192.0.2.1/24", "2001:db8::1/64");
    }

    @AfterEach
    void takeDown() throws Exception {
        for (NetHost host : hosts) {
            host.close();
        }
        here.close();
        firewall.close();
        Tool.run("ip", "link", "delete", "hutch-a");
        Tool.run("ip", "link", "delete", "hutch-b");
        Tool.run("nft", "flush", "ruleset");
    }

    private static void set(String path, int value) throws IOException {
        Files.writeString(Path.of("/proc/sys/net", path), Integer.toString(value));
    }

    private void bridge(String name, int number) throws IOException {
        here.run("ip", "link", "add", name, "type", "bridge");
        here.address(name, "10.88." + number + ".1/24", "fd00:" + number + "::1/64");
    }

    /** A container on bridge a or b, with addresses that end in the number. */
    protected NetHost container(Guest guest) throws IOException {
        NetHost container = NetHost.make();
        hosts.add(container);
        String ipv4 = guest.ipv4().getHostAddress();
        int network = guest.ipv4().getAddress()[2];
        String mac = HexFormat.ofDelimiter(":").formatHex(guest.mac());
        container.cable(here, guest.port(), "eth0");
        here.run("ip", "link", "set", guest.port(), "master", guest.bridge(), "up");
        container.run("ip", "link", "set", "eth0", "address", mac);
        container.address("eth0", ipv4 + "/24", guest.ipv6().getHostAddress() + "/64");
        container.run("ip", "route", "add", "default", "via", "10.88." + network + ".1");
        container.run("ip", "route", "add", "default", "via", "fd00:" + network + "::1");
        return container;
    }

    protected static Guest guest(String bridge, int number) throws IOException {
        int network = bridge.equals("hutch-a") ? 1 : 2;
        byte[] ipv4 = {10, 88, (byte) network, (byte) number};
        byte[] mac = {2, 72, ipv4[0], ipv4[1], ipv4[2], ipv4[3]};
        return new Guest(
                bridge,
                "hutch." + HexFormat.of().formatHex(ipv4),
                mac,
                InetAddress.getByAddress(ipv4),
                InetAddress.getByName("fd00:" + network + "::" + Integer.toHexString(number)));
    }

    /** On bridge a or b, with rules. */
    protected NetHost walled(Guest guest) throws IOException {
        firewall.addContainer(guest);
        return container(guest);
    }
}
