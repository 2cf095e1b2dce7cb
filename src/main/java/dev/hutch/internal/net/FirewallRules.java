// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.nftables.Batch;
import dev.hutch.internal.nftables.Chain;
import dev.hutch.internal.nftables.Chain.Hook;
import dev.hutch.internal.nftables.Chain.Type;
import dev.hutch.internal.nftables.Family;
import dev.hutch.internal.nftables.Fields.Kind;
import dev.hutch.internal.nftables.Load;
import dev.hutch.internal.nftables.NfSet;
import dev.hutch.internal.nftables.Rule;
import dev.hutch.internal.nftables.Table;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The host's two tables of Hutch's: {@code inet hutch} for what is routed, {@code bridge hutch} for what enters by a
 * container's cable. The rules are as many for one container as for a thousand: all that is a container's or a network's
 * own is in sets and maps. A packet that no rule here refuses goes on to whatever other tables the host has.
 */
final class FirewallRules {
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

    /** Published on one address of the host's. */
    static final NfSet PORTS4 =
            new NfSet(ROUTED, "ports4", Kind.IPV4, Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);

    static final NfSet PORTS6 =
            new NfSet(ROUTED, "ports6", Kind.IPV6, Kind.PROTOCOL, Kind.PORT).to(Kind.IPV6, Kind.PORT);

    /** Published on all addresses of the host's. */
    static final NfSet ANY4 = new NfSet(ROUTED, "any4", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV4, Kind.PORT);

    static final NfSet ANY6 = new NfSet(ROUTED, "any6", Kind.PROTOCOL, Kind.PORT).to(Kind.IPV6, Kind.PORT);

    static final NfSet PRIORITY4 = new NfSet(ROUTED, "priority4", Kind.INTERFACE, Kind.IPV4).to(Kind.CLASS);
    static final NfSet PRIORITY6 = new NfSet(ROUTED, "priority6", Kind.INTERFACE, Kind.IPV6).to(Kind.CLASS);
    static final NfSet MARK4 = new NfSet(ROUTED, "mark4", Kind.INTERFACE, Kind.IPV4).to(Kind.MARK);
    static final NfSet MARK6 = new NfSet(ROUTED, "mark6", Kind.INTERFACE, Kind.IPV6).to(Kind.MARK);

    /** Which addresses are whose: cable, MAC address, IP address. */
    static final NfSet OWN4 = new NfSet(BRIDGED, "own4", Kind.INTERFACE, Kind.ETHER, Kind.IPV4);

    static final NfSet OWN6 = new NfSet(BRIDGED, "own6", Kind.INTERFACE, Kind.ETHER, Kind.IPV6);

    static final List<NfSet> OF_NETWORKS = List.of(BRIDGES, INTERNAL, PAIRS, SAME);
    static final List<NfSet> OF_CONTAINERS =
            List.of(SERVED4, SERVED6, PORTS4, PORTS6, ANY4, ANY6, PRIORITY4, PRIORITY6, MARK4, MARK6, OWN4, OWN6);

    private static final byte[] LOOPBACK = {127, 0, 0, 0};
    private static final byte[] LINK_LOCAL = {(byte) 169, (byte) 254, 0, 0};
    private static final byte[] LOCAL = {Load.LOCAL, 0, 0, 0};
    private static final byte[] NOBODY6 = new byte[16];

    private static final byte ICMP = 1;
    private static final byte ICMPV6 = 58;
    private static final byte ECHO = 8;
    private static final byte ECHO6 = (byte) 128;
    private static final byte ROUTER_ADVERTISEMENT = (byte) 134;
    private static final byte NEIGHBOUR_SOLICITATION = (byte) 135;
    private static final byte NEIGHBOUR_ADVERTISEMENT = (byte) 136;
    private static final byte REDIRECT = (byte) 137;

    private static final byte[] IPV4 = {8, 0};
    private static final byte[] ARP = {8, 6};
    private static final byte[] IPV6 = {(byte) 0x86, (byte) 0xdd};

    /** nft(8), "Standard priority names"; RAW is before connection tracking. */
    private static final int RAW = -300;

    private static final int MANGLE = -150;
    private static final int DSTNAT = -100;
    private static final int FILTER = 0;
    private static final int SRCNAT = 100;

    private FirewallRules() {}

    /** The first table, where there is none yet: several JVMs may be at it at once. */
    static Batch routed() {
        Batch batch = new Batch().onlyNew(ROUTED);
        OF_NETWORKS.forEach(batch::add);
        OF_CONTAINERS.stream().filter(set -> set.table().equals(ROUTED)).forEach(batch::add);
        loopback(batch);
        published(batch);
        forwarded(batch);
        toTheHost(batch);
        classified(batch);
        masqueraded(batch);
        return batch;
    }

    /** The second, likewise. */
    static Batch bridged() {
        Batch batch = new Batch().onlyNew(BRIDGED);
        OF_CONTAINERS.stream().filter(set -> set.table().equals(BRIDGED)).forEach(batch::add);
        sources(batch);
        return batch;
    }

    /**
     * Ports published on the host's loopback need packets for 127.0.0.1 to leave by the bridge (route_localnet). That opens
     * the other way too: what a container sends there is dropped before anything else sees it.
     */
    private static void loopback(Batch batch) {
        Chain guard = Chain.at(ROUTED, "guard", Type.FILTER, Hook.PREROUTING, RAW);
        batch.add(guard)
                .add(
                        guard,
                        fromContainers()
                                .ipv4()
                                .where(Load.DESTINATION4)
                                .within(LOOPBACK, 8)
                                .drop())
                .add(
                        guard,
                        fromContainers()
                                .ipv4()
                                .where(Load.SOURCE4)
                                .within(LOOPBACK, 8)
                                .drop());
    }

    /** From elsewhere and from the host itself alike. */
    private static void published(Batch batch) {
        Chain published = new Chain(ROUTED, "published");
        Chain arriving = Chain.at(ROUTED, "arriving", Type.NAT, Hook.PREROUTING, DSTNAT);
        Chain leaving = Chain.at(ROUTED, "leaving", Type.NAT, Hook.OUTPUT, DSTNAT);
        batch.add(published)
                .add(
                        published,
                        new Rule()
                                .ipv4()
                                .where(Load.DESTINATION4, Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(PORTS4)
                                .dnat4())
                .add(
                        published,
                        new Rule()
                                .ipv6()
                                .where(Load.DESTINATION6, Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(PORTS6)
                                .dnat6())
                .add(
                        published,
                        toTheHostItself()
                                .ipv4()
                                .where(Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(ANY4)
                                .dnat4())
                .add(
                        published,
                        toTheHostItself()
                                .ipv6()
                                .where(Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(ANY6)
                                .dnat6())
                .add(arriving)
                .add(arriving, new Rule().jump(published.name()))
                .add(leaving)
                .add(leaving, new Rule().jump(published.name()));
    }

    private static void forwarded(Batch batch) {
        Chain forward = Chain.at(ROUTED, "forward", Type.FILTER, Hook.FORWARD, FILTER);
        batch.add(forward)
                .add(
                        forward,
                        new Rule()
                                .where(Load.CONNECTION_STATE)
                                .hasAny(Load.ESTABLISHED | Load.RELATED)
                                .accept())
                // What has no connection would leave under the container's own address.
                .add(
                        forward,
                        fromContainers()
                                .where(Load.CONNECTION_STATE)
                                .hasAny(Load.INVALID)
                                .drop())
                .add(
                        forward,
                        new Rule()
                                .where(Load.INTERFACE_IN, Load.INTERFACE_OUT)
                                .in(PAIRS)
                                .accept())
                .add(forward, new Rule().where(Load.INTERFACE_IN).in(INTERNAL).reject())
                .add(
                        forward,
                        toContainers()
                                .where(Load.CONNECTION_STATUS)
                                .hasAny(Load.DNAT)
                                .accept())
                .add(forward, toContainers().reject())
                .add(
                        forward,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .in(SERVED4)
                                .accept())
                .add(
                        forward,
                        fromContainers()
                                .ipv4()
                                .where(Load.DESTINATION4)
                                .within(LINK_LOCAL, 16)
                                .reject());
    }

    private static void toTheHost(Batch batch) {
        Chain input = Chain.at(ROUTED, "input", Type.FILTER, Hook.INPUT, FILTER);
        batch.add(input)
                .add(input, new Rule().where(Load.INTERFACE_IN).notIn(BRIDGES).accept())
                .add(
                        input,
                        new Rule()
                                .where(Load.CONNECTION_STATE)
                                .hasAny(Load.ESTABLISHED | Load.RELATED)
                                .accept())
                .add(
                        input,
                        new Rule()
                                .ipv4()
                                .where(Load.PROTOCOL)
                                .is(ICMP)
                                .where(Load.ICMP_TYPE)
                                .is(ECHO)
                                .accept());
        for (byte type : new byte[] {ECHO6, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT}) {
            batch.add(input, icmpv6(type).accept());
        }
        batch.add(
                        input,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .in(SERVED4)
                                .accept())
                .add(
                        input,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .in(SERVED6)
                                .accept())
                .add(input, new Rule().reject());
    }

    /** Behind routing, which sets the priority by the packet's type of service; before the address is translated. */
    private static void classified(Batch batch) {
        Chain classes = Chain.at(ROUTED, "classes", Type.FILTER, Hook.POSTROUTING, MANGLE);
        batch.add(classes)
                .add(
                        classes,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .mapped(PRIORITY4)
                                .setPriority())
                .add(
                        classes,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .mapped(PRIORITY6)
                                .setPriority())
                .add(
                        classes,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .mapped(MARK4)
                                .setMark())
                .add(
                        classes,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .mapped(MARK6)
                                .setMark());
    }

    private static void masqueraded(Batch batch) {
        Chain postrouting = Chain.at(ROUTED, "postrouting", Type.NAT, Hook.POSTROUTING, SRCNAT);
        batch.add(postrouting)
                .add(
                        postrouting,
                        fromContainers()
                                .where(Load.INTERFACE_OUT)
                                .notIn(BRIDGES)
                                .masquerade())
                // To a neighbour through a published port: else the answer would take the short way, and not be known
                // again.
                .add(
                        postrouting,
                        new Rule()
                                .where(Load.CONNECTION_STATUS)
                                .hasAny(Load.DNAT)
                                .where(Load.INTERFACE_IN, Load.INTERFACE_OUT)
                                .in(SAME)
                                .masquerade())
                .add(
                        postrouting,
                        toContainers()
                                .ipv4()
                                .where(Load.SOURCE4)
                                .within(LOOPBACK, 8)
                                .masquerade())
                .add(
                        postrouting,
                        toContainers()
                                .ipv6()
                                .where(Load.SOURCE6)
                                .is(loopback6())
                                .masquerade());
    }

    /** Nothing but IPv4, ARP and IPv6 with the container's own addresses, and no router's words, enters by its cable. */
    private static void sources(Batch batch) {
        Chain prerouting = Chain.at(BRIDGED, "prerouting", Type.FILTER, Hook.PREROUTING, RAW);
        Chain source = new Chain(BRIDGED, "source");
        Chain source6 = new Chain(BRIDGED, "source6");
        Load[] ipv4 = {Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.SOURCE4};
        Load[] ipv6 = {Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.SOURCE6};
        batch.add(prerouting)
                .add(source)
                .add(source6)
                .add(
                        prerouting,
                        new Rule().where(Load.INTERFACE_IN).is(prefix()).jump(source.name()))
                .add(source, of(IPV4).where(ipv4).in(OWN4).accept())
                .add(
                        source,
                        of(ARP).where(Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.ARP_SENDER4)
                                .in(OWN4)
                                .where(Load.INTERFACE_IN, Load.ARP_SENDER_ETHER, Load.ARP_SENDER4)
                                .in(OWN4)
                                .accept())
                .add(source, of(IPV6).jump(source6.name()))
                .add(source, new Rule().drop())
                .add(source6, icmp(of(IPV6), ROUTER_ADVERTISEMENT).drop())
                .add(source6, icmp(of(IPV6), REDIRECT).drop())
                .add(
                        source6,
                        icmp(of(IPV6), NEIGHBOUR_ADVERTISEMENT)
                                .where(Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.ADVERTISED)
                                .notIn(OWN6)
                                .drop())
                .add(source6, of(IPV6).where(ipv6).in(OWN6).accept())
                // Whether somebody has its address already is asked before it is its own.
                .add(
                        source6,
                        icmp(of(IPV6).where(Load.SOURCE6).is(NOBODY6), NEIGHBOUR_SOLICITATION)
                                .accept())
                .add(source6, new Rule().drop());
    }

    private static Rule fromContainers() {
        return new Rule().where(Load.INTERFACE_IN).in(BRIDGES);
    }

    private static Rule toContainers() {
        return new Rule().where(Load.INTERFACE_OUT).in(BRIDGES);
    }

    private static Rule toTheHostItself() {
        return new Rule().where(Load.DESTINATION_KIND).is(LOCAL);
    }

    private static Rule of(byte[] etherType) {
        return new Rule().where(Load.ETHER_TYPE).is(etherType);
    }

    private static Rule icmpv6(byte type) {
        return icmp(new Rule().ipv6(), type);
    }

    private static Rule icmp(Rule of, byte type) {
        return of.where(Load.PROTOCOL).is(ICMPV6).where(Load.ICMP_TYPE).is(type);
    }

    private static byte[] loopback6() {
        byte[] address = new byte[16];
        address[15] = 1;
        return address;
    }

    private static byte[] prefix() {
        return PORT_PREFIX.getBytes(StandardCharsets.US_ASCII);
    }
}
