// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.nftables.Family;
import dev.hutch.internal.nftables.Fields.Kind;
import dev.hutch.internal.nftables.NfSet;
import dev.hutch.internal.nftables.Table;
import java.util.List;

/**
 * The host's two tables of Hutch's, {@code inet hutch} for what is routed, {@code bridge hutch} for what enters by a
 * container's cable, and the sets and maps in them that tell networks and containers.
 */
final class FirewallSets {
    static final Table ROUTED = new Table(Family.INET, "hutch");
    static final Table BRIDGED = new Table(Family.BRIDGE, "hutch");

    /** How the host's ends of containers' cables begin: one that no set knows gets nothing through. */
    static final String PORT_PREFIX = "hutch.";

    static final NfSet BRIDGES = new NfSet(ROUTED, "bridges", Kind.INTERFACE);

    /** Bridges of networks that lead nowhere. */
    static final NfSet INTERNAL = new NfSet(ROUTED, "internal", Kind.INTERFACE);

    /** From where to where packets may be passed on between containers. */
    static final NfSet PAIRS = new NfSet(ROUTED, "pairs", Kind.INTERFACE, Kind.INTERFACE);

    /** Each bridge with itself. */
    static final NfSet SAME = new NfSet(ROUTED, "same", Kind.INTERFACE, Kind.INTERFACE);

    /** Containers that may reach the host itself. */
    static final NfSet SERVED4 = new NfSet(ROUTED, "served4", Kind.INTERFACE, Kind.IPV4);

    static final NfSet SERVED6 = new NfSet(ROUTED, "served6", Kind.INTERFACE, Kind.IPV6);

    /** Containers, each twice, that may meet themselves by a port that they publish. */
    static final NfSet SELF4 = new NfSet(ROUTED, "self4", Kind.IPV4, Kind.IPV4);

    static final NfSet SELF6 = new NfSet(ROUTED, "self6", Kind.IPV6, Kind.IPV6);

    /** Published on one address of the host's. */
    static final NfSet PORTS4 =
            new NfSet(ROUTED, "ports4", Kind.IPV4, Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);

    static final NfSet PORTS6 =
            new NfSet(ROUTED, "ports6", Kind.IPV6, Kind.PROTOCOL, Kind.PORT).to(Kind.IPV6, Kind.PORT);

    /** Published on all addresses of the host's. */
    static final NfSet ANY4 = new NfSet(ROUTED, "any4", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);

    static final NfSet ANY6 = new NfSet(ROUTED, "any6", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV6, Kind.PORT);

    private static final int MOST_CONTAINERS = 65_535;

    /** Containers that have begun connections, each by its MAC address, which the bridge holds it to. */
    static final NfSet TRACKED = new NfSet(ROUTED, "tracked", Kind.ETHER).ofAtMost(MOST_CONTAINERS);

    /** Those that have just had more than they may. Not there where the kernel can't tell. */
    static final NfSet FULL = new NfSet(ROUTED, "full", Kind.ETHER).ofTimed().ofAtMost(MOST_CONTAINERS);

    static final NfSet PRIORITY4 = new NfSet(ROUTED, "priority4", Kind.INTERFACE, Kind.IPV4).to(Kind.CLASS);
    static final NfSet PRIORITY6 = new NfSet(ROUTED, "priority6", Kind.INTERFACE, Kind.IPV6).to(Kind.CLASS);
    static final NfSet MARK4 = new NfSet(ROUTED, "mark4", Kind.INTERFACE, Kind.IPV4).to(Kind.MARK);
    static final NfSet MARK6 = new NfSet(ROUTED, "mark6", Kind.INTERFACE, Kind.IPV6).to(Kind.MARK);

    /** Which addresses are whose: cable, MAC address, IP address; of IPv6 also none. */
    static final NfSet OWN4 = new NfSet(BRIDGED, "own4", Kind.INTERFACE, Kind.ETHER, Kind.IPV4);

    static final NfSet OWN6 = new NfSet(BRIDGED, "own6", Kind.INTERFACE, Kind.ETHER, Kind.IPV6);

    static final List<NfSet> OF_NETWORKS = List.of(BRIDGES, INTERNAL, PAIRS, SAME);
    static final List<NfSet> OF_PORTS = List.of(PORTS4, PORTS6, ANY4, ANY6);
    static final List<NfSet> OF_CONTAINERS = List.of(
            SERVED4, SERVED6, SELF4, SELF6, PORTS4, PORTS6, ANY4, ANY6, PRIORITY4, PRIORITY6, MARK4, MARK6, OWN4, OWN6);

    private FirewallSets() {}
}
