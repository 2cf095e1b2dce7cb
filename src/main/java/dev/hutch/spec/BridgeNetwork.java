// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bridge network of this host's, as it was when it was looked at. Immutable.
 *
 * @param name as {@link Network#bridge(String)} takes it
 * @param bridge the name of its link on the host
 * @param ipv4 its addresses; the second is the host's, and the gateway
 * @param ipv6 the same of IPv6; null where it has none
 * @param mtu the largest packet in bytes, 68 to 65,535: what the host's own default route takes, at most 1500
 * @param internal whether it leads nowhere beyond itself
 * @param isolated whether its sandboxes can't reach one another
 * @param kept whether it stays when nobody uses it, since it was made by name; until the host restarts
 * @param members the sandboxes that are in it now, of all JVMs
 * @since 0.1
 */
public record BridgeNetwork(
        String name,
        String bridge,
        AddressRange ipv4,
        @Nullable AddressRange ipv6,
        int mtu,
        boolean internal,
        boolean isolated,
        boolean kept,
        List<Member> members) {
    /** @throws NullPointerException if something but {@code ipv6} is null */
    public BridgeNetwork {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(bridge, "bridge");
        Objects.requireNonNull(ipv4, "ipv4");
        members = List.copyOf(members);
    }

    /**
     * A sandbox in a network.
     *
     * @param names by which others in the network find it: its host name, then its label where it has one
     * @param addresses its IPv4 address, then its IPv6 one where the network has IPv6
     * @since 0.1
     */
    public record Member(List<String> names, List<InetAddress> addresses) {
        /** @throws NullPointerException if one is null */
        public Member {
            names = List.copyOf(names);
            addresses = List.copyOf(addresses);
        }
    }
}
