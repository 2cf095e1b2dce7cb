// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.netlink.Route;
import dev.hutch.internal.netlink.TrafficControl;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.NetworkRate;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A container's place on a bridge: its cable and its addresses. */
final class BridgeAttachment implements Attachment {
    private final Bridge bridge;
    private final Again again;
    private final Lease lease;
    private final String hostname;
    private final NetworkRate rate;
    private final Host host;
    private boolean connected;
    private boolean bounded;
    private boolean closed;

    BridgeAttachment(Bridge bridge, Again again, Lease lease, String hostname, NetworkRate rate, Host host) {
        this.bridge = bridge;
        this.again = again;
        this.lease = lease;
        this.hostname = hostname;
        this.rate = rate;
        this.host = host;
    }

    /**
     * That it is on.
     *
     * @param index the bridge's number
     * @param ipv6Out whether IPv6 leads anywhere beyond it
     */
    record Bridge(NetworkConfig network, int index, boolean ipv6Out) {}

    /** Makes the bridge once more; empty where it is still there. */
    interface Again {
        Optional<Bridge> make() throws SandboxException;
    }

    /** What the host has for the container: its end of the cable, rules and ports. */
    record Host(
            HostLinks links,
            Firewall firewall,
            Forwarding forwarding,
            Conntrack connections,
            Guest guest,
            HostPorts ports) {
        /** The rules before the cable: nothing may pass it without them. */
        HostLinks.Link connect(Bridge to, int netns) throws SandboxException {
            firewall.addContainer(guest);
            boolean hairpin = !ports.mappings().isEmpty();
            HostLinks.Link port = links.connect(to.network(), to.index(), guest.ipv4(), netns, hairpin);
            if (ports.onLoopback()) {
                forwarding.fromLoopback(to.network().bridge());
            }
            return port;
        }

        /** The cable first, which the kernel takes down with the namespace only when it comes to it. */
        void disconnect(List<InetAddress> addresses) throws SandboxException {
            try {
                links.delete(guest.port());
            } finally {
                firewall.removeContainer(guest);
                if (!ports.mappings().isEmpty()) {
                    addresses.forEach(connections::forgetServedBy);
                }
            }
        }
    }

    @Override
    public synchronized List<Step> connect(int netns) throws SandboxException {
        if (closed) {
            throw new SandboxException("connect", hostname, null, "the sandbox has ended");
        }
        connected = true;
        HostLinks.Link port = lay(netns);
        bounded = host.firewall().boundsConnections();
        List<Step> steps = new ArrayList<>();
        steps.add(addresses(port.peer()));
        // What is sent to the container waits on the host's end of its cable, what it sends on its own.
        if (rate.down().bytes() != 0) {
            host.links().limit(port, rate.down().bytes());
        }
        if (rate.up().bytes() != 0) {
            steps.add(limit(port.peer()));
        }
        return steps;
    }

    /** Whether the bridge is still there shows by this, so that no launch looks before. */
    private HostLinks.Link lay(int netns) throws SandboxException {
        try {
            return host.connect(bridge, netns);
        } catch (SandboxException e) {
            Bridge fresh = again(e);
            host.firewall().removeContainer(host.guest());
            return host.connect(fresh, netns);
        }
    }

    private Bridge again(SandboxException why) throws SandboxException {
        try {
            return again.make().orElseThrow(() -> why);
        } catch (SandboxException e) {
            if (e != why) {
                why.addSuppressed(e);
            }
            throw why;
        }
    }

    private Step addresses(int link) {
        NetworkConfig network = bridge.network();
        List<Request> requests = new ArrayList<>();
        requests.add(Route.up(link));
        requests.add(Route.newAddress(link, lease.ipv4(), network.ipv4().length()));
        if (lease.ipv6() != null && network.ipv6() != null) {
            requests.add(Route.newAddress(link, lease.ipv6(), network.ipv6().length()));
        }
        if (!network.internal()) {
            requests.add(Route.defaultRoute(network.gateway()));
        }
        if (!network.internal() && bridge.ipv6Out() && network.ipv6() != null) {
            requests.add(Route.defaultRoute(network.ipv6().address(1)));
        }
        requests.get(requests.size() - 1).with(Request.ACK);
        return new Step.Send(
                NetlinkSocket.ROUTE,
                Request.messages(requests),
                "addresses and routes of eth0 in network " + network.name());
    }

    /** Of what the container sends, at its own end: on the host's it would have to be thrown away. Nobody inside may change it. */
    private Step limit(int link) {
        Request bucket = TrafficControl.limit(link, rate.up().bytes()).with(Request.ACK);
        return new Step.Send(NetlinkSocket.ROUTE, bucket.message(0), "rate of eth0");
    }

    @Override
    public List<String> hosts() {
        return lease.ipv6() == null ? List.of() : List.of(NetworkDraft.hostsLine(lease.ipv6(), hostname));
    }

    @Override
    public List<PortMapping> ports() {
        return host.ports().mappings();
    }

    @Override
    public synchronized List<Enforced> walls() {
        String most = Integer.toString(FirewallRules.MOST_CONNECTIONS);
        return List.of(
                bounded
                        ? Enforced.yes("network-connections", most)
                        : Enforced.no("network-connections", most, BridgeNetworks.NO_COUNT));
    }

    @Override
    public String ownAddress() {
        return lease.ipv4().getHostAddress();
    }

    @Override
    public List<InetAddress> neighbours(String name) throws SandboxException {
        return lease.neighbours(name);
    }

    /** The address last: it is free when nothing leads to it any more. */
    @Override
    public synchronized void close() throws SandboxException {
        closed = true;
        try {
            if (connected) {
                host.disconnect(lease.addresses());
            }
        } finally {
            try {
                host.ports().close();
            } finally {
                lease.close();
            }
        }
    }
}
