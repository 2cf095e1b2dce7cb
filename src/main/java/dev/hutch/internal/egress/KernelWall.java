// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.nftables.Batch;
import dev.hutch.internal.nftables.Chain;
import dev.hutch.internal.nftables.Count;
import dev.hutch.internal.nftables.Element;
import dev.hutch.internal.nftables.Family;
import dev.hutch.internal.nftables.Fields;
import dev.hutch.internal.nftables.Load;
import dev.hutch.internal.nftables.NfSet;
import dev.hutch.internal.nftables.Nftables;
import dev.hutch.internal.nftables.Rule;
import dev.hutch.internal.nftables.Table;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The walls of a container as nf_tables rules in its own network namespace, which only this JVM, by a socket that was made
 * inside, can change. Every packet that leaves is looked at, not only a connection's first: what is taken off the list is cut
 * off in the middle.
 *
 * <p>A new connection is let through where a map has its destination, and gets the mark that the map has for it; later
 * packets pass while their connection's mark is alive. Answers to connections from outside, to published ports, pass.
 */
final class KernelWall implements Wall {
    private static final Table TABLE = new Table(Family.INET, "hutch-egress");
    private static final Chain OUT =
            new Chain(TABLE, "out", new Chain.Base(Chain.Type.FILTER, Chain.Hook.OUTPUT, 0, true));
    private static final Chain FRESH = new Chain(TABLE, "fresh");
    private static final Chain LISTED = new Chain(TABLE, "listed");
    private static final Chain REFUSE = new Chain(TABLE, "refuse");
    private static final NfSet ALIVE = new NfSet(TABLE, "alive", Fields.Kind.MARK);

    private static final int MOST_TURNED_BACK = 256;
    private static final byte TCP = 6;
    private static final byte UDP = 17;
    private static final byte IGMP = 2;
    private static final byte ICMPV6 = 58;

    /** What IPv6 itself needs on its own link: router and neighbour solicitation, advertisement, and groups. */
    private static final byte[] NEIGHBOURHOOD = {(byte) 133, (byte) 135, (byte) 136, (byte) 143};

    /** What is different for each of the two. */
    private static final class Version {
        static final Version FOUR = new Version(Fields.Kind.IPV4, Load.DESTINATION4);
        static final Version SIX = new Version(Fields.Kind.IPV6, Load.DESTINATION6);
        static final List<Version> BOTH = List.of(FOUR, SIX);

        final Load destination;
        final NfSet endpoints;
        final NfSet hosts;
        final NfSet turnedBack;
        final int length;

        private Version(Fields.Kind address, Load destination) {
            String suffix = address == Fields.Kind.IPV4 ? "4" : "6";
            this.destination = destination;
            this.endpoints = new NfSet(TABLE, "endpoints" + suffix, address, Fields.Kind.PORT)
                    .to(Fields.Kind.MARK)
                    .ofTimed();
            this.hosts = new NfSet(TABLE, "hosts" + suffix, address)
                    .to(Fields.Kind.MARK)
                    .ofTimed();
            this.turnedBack = new NfSet(TABLE, "refused" + suffix, address, Fields.Kind.PROTOCOL, Fields.Kind.PORT)
                    .ofAtMost(MOST_TURNED_BACK);
            this.length = address == Fields.Kind.IPV4 ? 4 : 16;
        }

        static Version of(InetAddress address) {
            return address.getAddress().length == FOUR.length ? FOUR : SIX;
        }

        Rule only() {
            return this == FOUR ? new Rule().ipv4() : new Rule().ipv6();
        }
    }

    private @Nullable Nftables inside;

    /** From now on they can be changed: {@link #rules} are there. Closed with this. */
    synchronized void through(Nftables socket) {
        inside = socket;
    }

    private synchronized Nftables inside() throws SandboxException {
        if (inside == null) {
            throw new SandboxException("egress", "", null, "the sandbox has ended, or has not begun");
        }
        return inside;
    }

    /** All that has to be there before the first program runs. */
    static byte[] rules(Openings openings) {
        Batch batch = new Batch().onlyNew(TABLE).add(ALIVE);
        for (Version each : Version.BOTH) {
            batch.add(each.endpoints).add(each.hosts).add(each.turnedBack);
        }
        batch.add(REFUSE).add(LISTED).add(FRESH).add(OUT);
        leaving(batch);
        fresh(batch);
        refusal(batch);
        content(batch, openings);
        return batch.toBytes();
    }

    private static void leaving(Batch batch) {
        batch.add(
                OUT,
                new Rule()
                        .where(Load.INTERFACE_OUT)
                        .is(new Fields().networkInterface("lo").toBytes())
                        .accept());
        for (byte type : NEIGHBOURHOOD) {
            batch.add(
                    OUT,
                    new Rule()
                            .ipv6()
                            .where(Load.PROTOCOL)
                            .is(ICMPV6)
                            .where(Load.ICMP_TYPE)
                            .is(type)
                            .accept());
        }
        batch.add(OUT, new Rule().where(Load.PROTOCOL).is(IGMP).drop());
        batch.add(
                OUT,
                new Rule()
                        .where(Load.CONNECTION_STATE)
                        .hasAny(Load.ESTABLISHED | Load.RELATED)
                        .where(Load.CONNECTION_DIRECTION)
                        .is((byte) 1)
                        .accept());
        batch.add(
                OUT,
                new Rule()
                        .where(Load.CONNECTION_STATE)
                        .hasAny(Load.ESTABLISHED)
                        .where(Load.CONNECTION_MARK)
                        .in(ALIVE)
                        .accept());
        for (byte protocol : new byte[] {TCP, UDP}) {
            batch.add(OUT, new Rule().where(Load.PROTOCOL).is(protocol).jump(FRESH.name()));
        }
        batch.add(OUT, new Rule().jump(REFUSE.name()));
    }

    /** A connection's mark is found anew with each packet until it is established, which clears one of before. */
    private static void fresh(Batch batch) {
        batch.add(FRESH, new Rule().load(new byte[4]).setConnectionMark());
        for (Version each : Version.BOTH) {
            batch.add(
                    FRESH,
                    each.only()
                            .where(each.destination, Load.DESTINATION_PORT)
                            .mapped(each.endpoints)
                            .setConnectionMark());
            batch.add(
                    FRESH,
                    each.only().where(each.destination).mapped(each.hosts).setConnectionMark());
        }
        batch.add(FRESH, new Rule().jump(LISTED.name()));
        batch.add(FRESH, new Rule().where(Load.CONNECTION_MARK).in(ALIVE).accept());
    }

    /** Told to the program at once, in the way that makes it give up. */
    private static void refusal(Batch batch) {
        for (Version each : Version.BOTH) {
            batch.add(
                    REFUSE,
                    each.only()
                            .where(each.destination, Load.PROTOCOL, Load.DESTINATION_PORT)
                            .countIn(each.turnedBack));
        }
        batch.add(REFUSE, new Rule().where(Load.PROTOCOL).is(TCP).reset());
        batch.add(REFUSE, new Rule().reject());
    }

    private static void content(Batch batch, Openings openings) {
        batch.add(
                ALIVE,
                openings.alive().stream()
                        .map(mark -> Element.of(new Fields().number(mark)))
                        .toList());
        for (Openings.Standing each : openings.standing()) {
            batch.add(LISTED, listed(each));
        }
        for (Version each : Version.BOTH) {
            List<Element> endpoints = new ArrayList<>();
            List<Element> hosts = new ArrayList<>();
            openings.found().forEach((endpoint, found) -> {
                if (Version.of(endpoint.address()) == each) {
                    Fields key = new Fields().address(endpoint.address());
                    boolean all = endpoint.port() == 0;
                    (all ? hosts : endpoints)
                            .add(Element.of(all ? key : key.port(endpoint.port()))
                                    .to(new Fields().number(found.mark()))
                                    .living(found.valid()));
                }
            });
            batch.add(each.endpoints, endpoints).add(each.hosts, hosts);
        }
    }

    private static Rule listed(Openings.Standing each) {
        Version version = Version.of(each.range().first());
        Rule rule = version.only();
        if (each.range().prefix() > 0) {
            rule.where(version.destination)
                    .within(each.range().first().getAddress(), each.range().prefix());
        }
        if (each.port() != 0) {
            rule.where(Load.DESTINATION_PORT).is(new byte[] {(byte) (each.port() >> 8), (byte) each.port()});
        }
        return rule.load(new Fields().number(each.mark()).toBytes()).setConnectionMark();
    }

    @Override
    public void open(Openings openings) throws SandboxException {
        Batch batch = new Batch().clear(LISTED).clear(ALIVE);
        for (Version each : Version.BOTH) {
            batch.clear(each.endpoints).clear(each.hosts);
        }
        content(batch, openings);
        inside().commit(batch);
    }

    @Override
    public List<Refusal> turnedBack() throws SandboxException {
        List<Refusal> all = new ArrayList<>();
        for (Version each : Version.BOTH) {
            for (Count count : inside().counts(each.turnedBack)) {
                if (count.key().length == each.length + 8) {
                    all.add(refusal(count, each.length));
                }
            }
        }
        return all;
    }

    @Override
    public synchronized void close() {
        if (inside != null) {
            inside.close();
            inside = null;
        }
    }

    private static Refusal refusal(Count count, int length) {
        byte[] key = count.key();
        int protocol = key[length] & 0xff;
        boolean ports = protocol == TCP || protocol == UDP;
        int port = ports ? (key[length + 4] & 0xff) << 8 | (key[length + 5] & 0xff) : 0;
        String word = protocol == TCP ? "tcp" : protocol == UDP ? "udp" : Integer.toString(protocol);
        try {
            InetAddress address = InetAddress.getByAddress(Arrays.copyOf(key, length));
            return new Refusal("", AddressRange.of(address).toString(), word, port, count.packets());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
