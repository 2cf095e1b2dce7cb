// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.netlink.Answer;
import dev.hutch.internal.netlink.Attributes;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.netlink.Route;
import dev.hutch.internal.netlink.TrafficControl;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The links, addresses and routes of the host. The socket is opened at first use. Thread-safe. */
final class HostLinks implements AutoCloseable {
    private static final String INSIDE = "eth0";
    private static final Errno EOPNOTSUPP = new Errno(95);
    private static final int USUAL_MTU = 1500;

    private final Kernel kernel;
    private @Nullable NetlinkSocket socket;

    HostLinks(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * A link as the kernel tells of it.
     *
     * @param peer the number that the other end has in its own namespace; 0 where there is none
     */
    record Link(int index, String name, int mtu, int peer, String alias, List<Byte> mac) {
        static Link of(Answer answer) throws SandboxException {
            Attributes attributes = answer.attributes(Route.LINK_HEADER);
            return new Link(
                    answer.intField(4),
                    attributes.text(Route.LINK_NAME),
                    attributes.has(Route.LINK_MTU) ? attributes.i32(Route.LINK_MTU) : USUAL_MTU,
                    attributes.has(Route.LINK_PEER) ? attributes.i32(Route.LINK_PEER) : 0,
                    attributes.has(Route.LINK_ALIAS) ? attributes.text(Route.LINK_ALIAS) : "",
                    attributes.has(Route.LINK_ADDRESS) ? boxed(attributes.bytes(Route.LINK_ADDRESS)) : List.of());
        }

        /** A JVM that was killed in the middle has made it: all but the alias, which comes last. */
        boolean isUnfinished(NetworkConfig network) {
            return alias.isEmpty() && mac.equals(boxed(NetworkConfig.mac(network.gateway())));
        }

        private static List<Byte> boxed(byte[] bytes) {
            List<Byte> all = new ArrayList<>();
            for (byte each : bytes) {
                all.add(each);
            }
            return all;
        }
    }

    /**
     * A route of the host's.
     *
     * @param to where it leads; the whole of its family for a default route
     * @param out the number of the link that it leads over; 0 for several or none
     * @param leads whether packets go that way; else they are refused or are the host's own
     * @param advertised whether a router told of it
     */
    record HostRoute(Subnet to, int out, boolean leads, boolean advertised) {
        boolean isDefault() {
            return to.length() == 0;
        }

        boolean leadsOut() {
            return isDefault() && leads;
        }
    }

    private synchronized NetlinkSocket socket() throws KernelException {
        if (socket == null) {
            socket = NetlinkSocket.open(kernel, NetlinkSocket.ROUTE);
        }
        return socket;
    }

    /** The bridge's number; makes it where it is missing, with the gateway's addresses. */
    int bridge(NetworkConfig network) throws SandboxException {
        String name = network.bridge();
        Optional<Link> known = find(name);
        if (known.isPresent() && known.get().isUnfinished(network)) {
            delete(name);
        } else if (known.isPresent()) {
            if (!known.get().alias().equals(network.alias())) {
                throw new SandboxException(
                        "use",
                        "bridge " + name,
                        null,
                        "a link of that name is not Hutch's: name the network otherwise");
            }
            return known.get().index();
        }
        try {
            Request make = Route.newBridge(name, NetworkConfig.mac(network.gateway()), network.mtu());
            socket().ask(make, "make bridge", name);
        } catch (SandboxException e) {
            throw NetlinkSocket.is(e, EOPNOTSUPP) ? unsupported(e, name) : e;
        }
        int index = find(name).orElseThrow(() -> gone(name)).index();
        List<Request> rest = new ArrayList<>();
        rest.add(Route.newAddress(index, network.gateway(), network.ipv4().length())
                .with(Request.ACK));
        if (network.ipv6() != null) {
            rest.add(Route.newAddress(
                            index, network.ipv6().address(1), network.ipv6().length())
                    .with(Request.ACK));
        }
        // Last: a bridge without it is one that was not finished.
        rest.add(Route.setAlias(index, network.alias()).with(Request.ACK));
        try {
            socket().exchange(rest, "give addresses to", name);
        } catch (SandboxException e) {
            delete(name);
            throw e;
        }
        return index;
    }

    private static SandboxException unsupported(SandboxException e, String name) {
        SandboxException told = new SandboxException(
                "make bridge",
                name,
                EOPNOTSUPP,
                "the kernel has no bridges: load the module bridge, or use another network");
        told.initCause(e);
        return told;
    }

    private static SandboxException gone(String link) {
        return new SandboxException("find", link, Errno.ENODEV, "somebody else has removed it just now");
    }

    /**
     * Lays a cable from the bridge into the namespace, where its end is {@code eth0}, down and without an address.
     *
     * @param hairpin whether it reaches itself by the bridge
     * @return the cable's port on the bridge, and the number of the end inside
     */
    Link connect(NetworkConfig network, int bridge, InetAddress address, int netns, boolean hairpin)
            throws SandboxException {
        String port = NetworkConfig.port(address);
        Request make = Route.newVeth(port, bridge, network.mtu(), INSIDE, NetworkConfig.mac(address), netns)
                .with(Request.ACK);
        Request up = Route.portUp(port, network.isolated(), hairpin).with(Request.ACK);
        Request look = Route.getLink(port).with(Request.ACK);
        // Looked at while it is down: one that is up without a carrier is first put to rest, which waits for all
        // processors.
        List<Request> lay = List.of(make, look, up);
        List<Answer> answers;
        try {
            answers = socket().exchange(lay, "connect", port);
        } catch (SandboxException e) {
            delete(port);
            // Of a dead JVM's container, of which the address is ours by now and the kernel not rid yet.
            if (!NetlinkSocket.is(e, Errno.EEXIST)) {
                throw e;
            }
            answers = socket().exchange(lay, "connect", port);
        }
        for (Answer answer : answers) {
            return Link.of(answer);
        }
        throw gone(port);
    }

    /** No more than so many bytes a second leave over the link. */
    void limit(Link link, long bytes) throws SandboxException {
        try {
            socket().ask(TrafficControl.limit(link.index(), bytes), "limit the rate of", link.name());
        } catch (SandboxException e) {
            throw NetlinkSocket.is(e, Errno.ENOENT) ? noBuckets(e, link.name()) : e;
        }
    }

    private static SandboxException noBuckets(SandboxException e, String link) {
        SandboxException told = new SandboxException(
                "limit the rate of", link, Errno.ENOENT, "the kernel has no token buckets: load the module sch_tbf");
        told.initCause(e);
        return told;
    }

    Optional<Link> find(String name) throws SandboxException {
        try {
            for (Answer answer : socket().ask(Route.getLink(name), "read link", name)) {
                return Optional.of(Link.of(answer));
            }
            return Optional.empty();
        } catch (SandboxException e) {
            if (NetlinkSocket.is(e, Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Also where it is gone already. By a socket of its own: the kernel answers when all its processors have let go of the
     * link (rcu_barrier), 10 to 30 ms later, and who lays a cable must not wait behind that.
     */
    void delete(String link) throws SandboxException {
        try (NetlinkSocket own = NetlinkSocket.open(kernel, NetlinkSocket.ROUTE)) {
            own.ask(Route.deleteLink(link), "remove link", link);
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, Errno.ENODEV)) {
                throw e;
            }
        }
    }

    List<HostRoute> routes(boolean ipv4) throws SandboxException {
        List<HostRoute> routes = new ArrayList<>();
        for (Answer answer : socket().dump(Route.getRoutes(ipv4), "list", "routes")) {
            Attributes attributes = answer.attributes(Route.ROUTE_HEADER);
            byte[] to = attributes.has(Route.ROUTE_TO) ? attributes.bytes(Route.ROUTE_TO) : new byte[ipv4 ? 4 : 16];
            routes.add(new HostRoute(
                    Subnet.of(to, answer.byteField(1)),
                    attributes.has(Route.ROUTE_OUT) ? attributes.i32(Route.ROUTE_OUT) : 0,
                    answer.byteField(Route.ROUTE_TYPE) == Route.UNICAST,
                    answer.byteField(Route.ROUTE_PROTOCOL) == Route.ADVERTISED));
        }
        return routes;
    }

    /** The smallest that a packet meets on its first step out of the host. */
    int mtu() throws SandboxException {
        int least = USUAL_MTU;
        for (HostRoute route : routes(true)) {
            if (route.leadsOut() && route.out() != 0) {
                for (Answer answer : socket().ask(Route.getLink(route.out()), "read link", "of the default route")) {
                    least = Math.min(least, Link.of(answer).mtu());
                }
            }
        }
        return least;
    }

    @Override
    public synchronized void close() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
