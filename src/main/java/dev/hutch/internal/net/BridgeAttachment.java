// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.netlink.Route;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A container's place on a bridge: its cable and its addresses. */
final class BridgeAttachment implements Attachment {
    private final NetworkConfig network;
    private final Lease lease;
    private final HostLinks.Link port;
    private final String hostname;
    private final boolean ipv6Out;
    private final Host host;

    BridgeAttachment(
            NetworkConfig network, Lease lease, HostLinks.Link port, String hostname, boolean ipv6Out, Host host) {
        this.network = network;
        this.lease = lease;
        this.port = port;
        this.hostname = hostname;
        this.ipv6Out = ipv6Out;
        this.host = host;
    }

    /** What the host has for the container: its end of the cable, rules and ports. */
    record Host(HostLinks links, Firewall firewall, Guest guest, HostPorts ports) {
        void close(String port) throws SandboxException {
            try {
                links.delete(port);
            } finally {
                try {
                    firewall.removeContainer(guest);
                } finally {
                    ports.close();
                }
            }
        }
    }

    HostLinks.Link port() {
        return port;
    }

    NetworkConfig network() {
        return network;
    }

    /** The IPv4 address, then the IPv6 one where there is one. */
    List<InetAddress> addresses() {
        return lease.addresses();
    }

    @Override
    public List<Step> steps() {
        List<Request> requests = new ArrayList<>();
        requests.add(Route.up(port.peer()));
        requests.add(Route.newAddress(port.peer(), lease.ipv4(), network.ipv4().length()));
        if (lease.ipv6() != null && network.ipv6() != null) {
            requests.add(
                    Route.newAddress(port.peer(), lease.ipv6(), network.ipv6().length()));
        }
        if (!network.internal()) {
            requests.add(Route.defaultRoute(network.gateway()));
        }
        if (!network.internal() && ipv6Out && network.ipv6() != null) {
            requests.add(Route.defaultRoute(network.ipv6().address(1)));
        }
        requests.get(requests.size() - 1).with(Request.ACK);
        return List.of(new Step.Send(
                NetlinkSocket.ROUTE,
                Request.messages(requests),
                "addresses and routes of eth0 in network " + network.name()));
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
    public String ownAddress() {
        return lease.ipv4().getHostAddress();
    }

    @Override
    public List<InetAddress> neighbours(String name) throws SandboxException {
        return lease.neighbours(name);
    }

    /** The cable first, which the kernel takes down with the namespace only when it comes to it: the address is free then. */
    @Override
    public void close() throws SandboxException {
        try {
            host.close(port.name());
        } finally {
            lease.close();
        }
    }
}
