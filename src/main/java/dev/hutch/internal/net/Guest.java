// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.nftables.Element;
import dev.hutch.internal.nftables.Fields;
import dev.hutch.internal.nftables.NfSet;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as the {@link Firewall} knows it.
 *
 * @param port the host's end of its cable; begins with {@link FirewallSets#PORT_PREFIX}
 * @param mac of its own end
 * @param ipv6 null where the network has none
 * @param published ports of the host's that lead to it
 * @param served whether it may reach the host itself
 * @param priority of what it sends beyond its network (skb-&gt;priority); 0 for the kernel's own choice
 * @param mark of the same, for the host's rules and tc; 0 for none
 */
public record Guest(
        String bridge,
        String port,
        byte[] mac,
        InetAddress ipv4,
        @Nullable InetAddress ipv6,
        List<Published> published,
        boolean served,
        int priority,
        int mark) {
    /**
     * One port of the host's.
     *
     * @param address of the host's; null for all
     * @param protocol 6 for TCP, 17 for UDP
     * @param port the host's
     * @param inside the container's
     */
    public record Published(@Nullable InetAddress address, int protocol, int port, int inside) {}

    /** Without anything but its addresses. */
    public Guest(String bridge, String port, byte[] mac, InetAddress ipv4, @Nullable InetAddress ipv6) {
        this(bridge, port, mac, ipv4, ipv6, List.of(), false, 0, 0);
    }

    public Guest publishing(List<Published> ports) {
        return new Guest(bridge, port, mac, ipv4, ipv6, List.copyOf(ports), served, priority, mark);
    }

    public Guest reachingTheHost(boolean may) {
        return new Guest(bridge, port, mac, ipv4, ipv6, published, may, priority, mark);
    }

    public Guest classified(int newPriority, int newMark) {
        return new Guest(bridge, port, mac, ipv4, ipv6, published, served, newPriority, newMark);
    }

    /** What stands in the sets for it. Each element is noted with its IPv4 address, by which it is found again. */
    Map<NfSet, List<Element>> elements() {
        Map<NfSet, List<Element>> all = new LinkedHashMap<>();
        for (InetAddress address : ipv6 == null ? List.of(ipv4) : List.of(ipv4, ipv6)) {
            boolean four = address instanceof Inet4Address;
            Fields own = new Fields().networkInterface(port).bytes(mac).address(address);
            put(all, four ? FirewallSets.OWN4 : FirewallSets.OWN6, Element.of(own));
            if (served) {
                put(all, four ? FirewallSets.SERVED4 : FirewallSets.SERVED6, Element.of(source(address)));
            }
            if (!published.isEmpty()) {
                Fields twice = new Fields().address(address).address(address);
                put(all, four ? FirewallSets.SELF4 : FirewallSets.SELF6, Element.of(twice));
            }
            if (priority != 0) {
                Element element = Element.of(source(address)).to(new Fields().number(priority));
                put(all, four ? FirewallSets.PRIORITY4 : FirewallSets.PRIORITY6, element);
            }
            if (mark != 0) {
                Element element = Element.of(source(address)).to(new Fields().number(mark));
                put(all, four ? FirewallSets.MARK4 : FirewallSets.MARK6, element);
            }
            published.forEach(each -> publish(all, each, address));
        }
        if (ipv6 != null) {
            for (byte[] address : List.of(linkLocal(mac), FirewallRules.NOBODY6)) {
                Fields own = new Fields().networkInterface(port).bytes(mac).bytes(address);
                put(all, FirewallSets.OWN6, Element.of(own));
            }
        }
        return all;
    }

    private void publish(Map<NfSet, List<Element>> all, Published what, InetAddress to) {
        boolean four = to instanceof Inet4Address;
        InetAddress address = what.address();
        if (address != null && address instanceof Inet4Address != four) {
            return;
        }
        Fields key = new Fields();
        boolean any = address == null || address.isAnyLocalAddress();
        if (address != null && !any) {
            key.address(address);
        }
        key.protocol(what.protocol()).port(what.port());
        NfSet map =
                any ? four ? FirewallSets.ANY4 : FirewallSets.ANY6 : four ? FirewallSets.PORTS4 : FirewallSets.PORTS6;
        put(all, map, Element.of(key).to(new Fields().address(to).port(what.inside())));
    }

    private Fields source(InetAddress address) {
        return new Fields().networkInterface(bridge).address(address);
    }

    private void put(Map<NfSet, List<Element>> all, NfSet set, Element element) {
        all.computeIfAbsent(set, key -> new ArrayList<>()).add(element.noted(ipv4.getHostAddress()));
    }

    /** That the kernel gives itself; RFC 4291, appendix A. */
    private static byte[] linkLocal(byte[] mac) {
        return new byte[] {
            (byte) 0xfe,
            (byte) 0x80,
            0,
            0,
            0,
            0,
            0,
            0,
            (byte) (mac[0] ^ 2),
            mac[1],
            mac[2],
            (byte) 0xff,
            (byte) 0xfe,
            mac[3],
            mac[4],
            mac[5]
        };
    }
}
