// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.nftables.Batch;
import dev.hutch.internal.nftables.Chain;
import dev.hutch.internal.nftables.Chain.Hook;
import dev.hutch.internal.nftables.Load;
import dev.hutch.internal.nftables.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * The rules of Hutch's two tables, as many for one container as for a thousand: what is a container's or a network's own
 * stands in {@link FirewallSets}. A packet that no rule here refuses goes on to whatever other tables the host has.
 */
final class FirewallRules {
    private static final byte[] LOOPBACK = {127, 0, 0, 0};
    private static final byte[] LOOPBACK6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final byte[] LINK_LOCAL = {(byte) 169, (byte) 254, 0, 0};
    private static final byte[] LOCAL = {Load.LOCAL, 0, 0, 0};

    /** The source of who has no address yet. */
    static final byte[] NOBODY6 = new byte[16];

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
    private static final int COUNTING = 1;
    private static final int SRCNAT = 100;

    /** That the kernel tracks at once for one container which began them. */
    static final int MOST_CONNECTIONS = 4096;

    /** For how long one that has had more begins none. */
    private static final Duration FULL = Duration.ofSeconds(1);

    private FirewallRules() {}

    /**
     * The first table, where there is none yet: several JVMs may be at it at once.
     *
     * @param bounded whether containers' connections are bounded, which not every kernel can
     */
    static Batch routed(boolean bounded) {
        Batch batch = new Batch().onlyNew(FirewallSets.ROUTED);
        FirewallSets.OF_NETWORKS.forEach(batch::add);
        FirewallSets.OF_CONTAINERS.stream()
                .filter(set -> set.table().equals(FirewallSets.ROUTED))
                .forEach(batch::add);
        batch.add(FirewallSets.TRACKED);
        if (bounded) {
            counted(batch);
        }
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
        Batch batch = new Batch().onlyNew(FirewallSets.BRIDGED);
        FirewallSets.OF_CONTAINERS.stream()
                .filter(set -> set.table().equals(FirewallSets.BRIDGED))
                .forEach(batch::add);
        sources(batch);
        return batch;
    }

    /**
     * Ports published on the host's loopback need packets for 127.0.0.1 to leave by the bridge (route_localnet). That opens
     * the other way too: what a container sends there is dropped before anything else sees it. Every packet that reaches the
     * host passes here, so what is cheap to look at comes first.
     */
    private static void loopback(Batch batch) {
        Chain guard = Chain.at(FirewallSets.ROUTED, "guard", Chain.Type.FILTER, Hook.PREROUTING, RAW);
        batch.add(guard)
                .add(
                        guard,
                        new Rule()
                                .ipv4()
                                .where(Load.DESTINATION4)
                                .within(LOOPBACK, 8)
                                .where(Load.INTERFACE_IN)
                                .in(FirewallSets.BRIDGES)
                                .drop())
                .add(
                        guard,
                        new Rule()
                                .ipv4()
                                .where(Load.SOURCE4)
                                .within(LOOPBACK, 8)
                                .where(Load.INTERFACE_IN)
                                .in(FirewallSets.BRIDGES)
                                .drop());
    }

    /** From elsewhere and from the host itself alike. */
    private static void published(Batch batch) {
        Chain published = new Chain(FirewallSets.ROUTED, "published");
        Chain arriving = Chain.at(FirewallSets.ROUTED, "arriving", Chain.Type.NAT, Hook.PREROUTING, DSTNAT);
        Chain leaving = Chain.at(FirewallSets.ROUTED, "leaving", Chain.Type.NAT, Hook.OUTPUT, DSTNAT);
        batch.add(published)
                .add(
                        published,
                        new Rule()
                                .ipv4()
                                .where(Load.DESTINATION4, Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(FirewallSets.PORTS4)
                                .dnat4())
                .add(
                        published,
                        new Rule()
                                .ipv6()
                                .where(Load.DESTINATION6, Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(FirewallSets.PORTS6)
                                .dnat6())
                .add(
                        published,
                        toTheHostItself()
                                .ipv4()
                                .where(Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(FirewallSets.ANY4)
                                .dnat4())
                .add(
                        published,
                        // The kernel takes no answer for ::1 from a link: a connection there is refused, and 127.0.0.1
                        // serves.
                        toTheHostItself()
                                .ipv6()
                                .where(Load.DESTINATION6)
                                .isNot(LOOPBACK6)
                                .where(Load.PROTOCOL, Load.DESTINATION_PORT)
                                .mapped(FirewallSets.ANY6)
                                .dnat6())
                .add(arriving)
                .add(arriving, new Rule().jump(published.name()))
                .add(leaving)
                .add(leaving, new Rule().jump(published.name()));
    }

    private static void forwarded(Batch batch) {
        Chain forward = Chain.at(FirewallSets.ROUTED, "forward", Chain.Type.FILTER, Hook.FORWARD, FILTER);
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
                                .in(FirewallSets.PAIRS)
                                .accept())
                .add(
                        forward,
                        new Rule()
                                .where(Load.INTERFACE_IN)
                                .in(FirewallSets.INTERNAL)
                                .reject())
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
                                .in(FirewallSets.SERVED4)
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
        Chain input = Chain.at(FirewallSets.ROUTED, "input", Chain.Type.FILTER, Hook.INPUT, FILTER);
        batch.add(input)
                .add(
                        input,
                        new Rule()
                                .where(Load.INTERFACE_IN)
                                .notIn(FirewallSets.BRIDGES)
                                .accept())
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
                                .in(FirewallSets.SERVED4)
                                .accept())
                .add(
                        input,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .in(FirewallSets.SERVED6)
                                .accept())
                .add(input, new Rule().reject());
    }

    /**
     * Behind what refuses, so that only connections are counted which the kernel is about to remember, each once: a state of
     * new would be that of every packet of one that nobody answers. Whoever has too many is not counted for a while: the kernel
     * has a note of each that it counts, also of those that are dropped then.
     *
     * <p>It is the rule that has the bound, not the set: where a set has it, Linux 6.18 takes a use of connection tracking away
     * with each element that is deleted, until nothing is tracked any more.
     */
    private static void counted(Batch batch) {
        Chain counted = new Chain(FirewallSets.ROUTED, "counted");
        batch.add(FirewallSets.FULL)
                .add(counted)
                .add(
                        counted,
                        new Rule()
                                .where(Load.ETHER_SOURCE)
                                .in(FirewallSets.FULL)
                                .drop())
                .add(
                        counted,
                        new Rule()
                                .where(Load.ETHER_SOURCE)
                                .hasMoreConnections(MOST_CONNECTIONS, FirewallSets.TRACKED)
                                .remember(FirewallSets.FULL, FULL)
                                .drop());
        for (Chain begun : List.of(
                Chain.at(FirewallSets.ROUTED, "passing", Chain.Type.FILTER, Hook.FORWARD, COUNTING),
                Chain.at(FirewallSets.ROUTED, "staying", Chain.Type.FILTER, Hook.INPUT, COUNTING))) {
            batch.add(begun)
                    .add(
                            begun,
                            new Rule()
                                    .where(Load.CONNECTION_STATUS)
                                    .hasNone(Load.CONFIRMED)
                                    .where(Load.INTERFACE_IN)
                                    .in(FirewallSets.BRIDGES)
                                    .jump(counted.name()));
        }
    }

    /** Behind routing, which sets the priority by the packet's type of service; before the address is translated. */
    private static void classified(Batch batch) {
        Chain classes = Chain.at(FirewallSets.ROUTED, "classes", Chain.Type.FILTER, Hook.POSTROUTING, MANGLE);
        batch.add(classes)
                .add(
                        classes,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .mapped(FirewallSets.PRIORITY4)
                                .setPriority())
                .add(
                        classes,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .mapped(FirewallSets.PRIORITY6)
                                .setPriority())
                .add(
                        classes,
                        new Rule()
                                .ipv4()
                                .where(Load.INTERFACE_IN, Load.SOURCE4)
                                .mapped(FirewallSets.MARK4)
                                .setMark())
                .add(
                        classes,
                        new Rule()
                                .ipv6()
                                .where(Load.INTERFACE_IN, Load.SOURCE6)
                                .mapped(FirewallSets.MARK6)
                                .setMark());
    }

    private static void masqueraded(Batch batch) {
        Chain postrouting = Chain.at(FirewallSets.ROUTED, "postrouting", Chain.Type.NAT, Hook.POSTROUTING, SRCNAT);
        batch.add(postrouting)
                .add(
                        postrouting,
                        fromContainers()
                                .where(Load.INTERFACE_OUT)
                                .notIn(FirewallSets.BRIDGES)
                                .masquerade())
                // To a neighbour through a published port: else the answer would take the short way, and not be known
                // again.
                .add(
                        postrouting,
                        new Rule()
                                .where(Load.CONNECTION_STATUS)
                                .hasAny(Load.DNAT)
                                .where(Load.INTERFACE_IN, Load.INTERFACE_OUT)
                                .in(FirewallSets.SAME)
                                .masquerade())
                // To itself, where br_netfilter bridges what is led back: from its own address nobody takes it.
                .add(
                        postrouting,
                        new Rule()
                                .ipv4()
                                .where(Load.SOURCE4, Load.DESTINATION4)
                                .in(FirewallSets.SELF4)
                                .masquerade())
                .add(
                        postrouting,
                        new Rule()
                                .ipv6()
                                .where(Load.SOURCE6, Load.DESTINATION6)
                                .in(FirewallSets.SELF6)
                                .masquerade())
                .add(
                        postrouting,
                        toContainers()
                                .ipv4()
                                .where(Load.SOURCE4)
                                .within(LOOPBACK, 8)
                                .masquerade());
    }

    /** Nothing but IPv4, ARP and IPv6 with the container's own addresses, and no router's words, enters by its cable. */
    private static void sources(Batch batch) {
        Chain prerouting = Chain.at(FirewallSets.BRIDGED, "prerouting", Chain.Type.FILTER, Hook.PREROUTING, RAW);
        Chain source = new Chain(FirewallSets.BRIDGED, "source");
        Chain source6 = new Chain(FirewallSets.BRIDGED, "source6");
        Load[] ipv4 = {Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.SOURCE4};
        Load[] ipv6 = {Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.SOURCE6};
        batch.add(prerouting)
                .add(source)
                .add(source6)
                .add(
                        prerouting,
                        new Rule().where(Load.INTERFACE_IN).is(prefix()).jump(source.name()))
                .add(source, of(IPV4).where(ipv4).in(FirewallSets.OWN4).accept())
                .add(
                        source,
                        of(ARP).where(Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.ARP_SENDER4)
                                .in(FirewallSets.OWN4)
                                .where(Load.INTERFACE_IN, Load.ARP_SENDER_ETHER, Load.ARP_SENDER4)
                                .in(FirewallSets.OWN4)
                                .accept())
                .add(source, of(IPV6).jump(source6.name()))
                .add(source, new Rule().drop())
                .add(source6, icmp(of(IPV6), ROUTER_ADVERTISEMENT).drop())
                .add(source6, icmp(of(IPV6), REDIRECT).drop())
                .add(
                        source6,
                        icmp(of(IPV6), NEIGHBOUR_ADVERTISEMENT)
                                .where(Load.INTERFACE_IN, Load.ETHER_SOURCE, Load.ADVERTISED)
                                .notIn(FirewallSets.OWN6)
                                .drop())
                // Whether somebody has its address already is asked before it is its own.
                .add(
                        source6,
                        icmp(of(IPV6).where(Load.SOURCE6).is(NOBODY6), NEIGHBOUR_SOLICITATION)
                                .where(ipv6)
                                .in(FirewallSets.OWN6)
                                .accept())
                .add(source6, of(IPV6).where(Load.SOURCE6).is(NOBODY6).drop())
                .add(source6, of(IPV6).where(ipv6).in(FirewallSets.OWN6).accept())
                .add(source6, new Rule().drop());
    }

    private static Rule fromContainers() {
        return new Rule().where(Load.INTERFACE_IN).in(FirewallSets.BRIDGES);
    }

    private static Rule toContainers() {
        return new Rule().where(Load.INTERFACE_OUT).in(FirewallSets.BRIDGES);
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

    private static byte[] prefix() {
        return FirewallSets.PORT_PREFIX.getBytes(StandardCharsets.US_ASCII);
    }
}
