// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.Errno;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.PortMapping.Protocol;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ports of the host's that lead to a container, each held by a socket of this JVM: nobody else can listen there meanwhile,
 * and nobody does already. The sockets themselves never see a packet: the host's rules lead them elsewhere before. They
 * don't listen, so that what the rules leave alone is refused.
 */
public final class HostPorts implements AutoCloseable {
    private final List<NetworkChannel> held = new ArrayList<>();
    private final List<PortMapping> mappings = new ArrayList<>();

    private HostPorts() {}

    /**
     * Holds them all, or none.
     *
     * @param ipv6 whether the container has an IPv6 address
     */
    public static HostPorts hold(List<PortMapping> wanted, boolean ipv6) throws SandboxException {
        HostPorts ports = new HostPorts();
        try {
            for (PortMapping mapping : wanted) {
                ports.hold(mapping, ipv6);
            }
            return ports;
        } catch (SandboxException | RuntimeException e) {
            ports.close();
            throw e;
        }
    }

    private void hold(PortMapping mapping, boolean ipv6) throws SandboxException {
        InetAddress address = mapping.address();
        if (address != null && !(address instanceof Inet4Address) && !ipv6) {
            throw new SandboxException("publish", mapping.toString(), null, "the network has no IPv6");
        }
        List<PortMapping> singles = new ArrayList<>();
        for (PortMapping single : mapping.singles()) {
            singles.add(single.onHostPort(bind(single, ipv6)));
        }
        if (mapping.hostPort() == 0) {
            mappings.addAll(singles);
        } else {
            mappings.add(mapping);
        }
    }

    private int bind(PortMapping single, boolean ipv6) throws SandboxException {
        try {
            NetworkChannel channel = open(single.protocol(), family(single.address(), ipv6));
            held.add(channel);
            bind(
                    channel,
                    single.address() == null
                            ? new InetSocketAddress(single.hostPort())
                            : new InetSocketAddress(single.address(), single.hostPort()),
                    single.protocol() == Protocol.TCP);
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (IOException | UnsupportedOperationException e) {
            throw refused(single, e);
        }
    }

    /**
     * Connections of a server that is gone, which linger (TIME_WAIT), are no reason to refuse a port of TCP. An address is
     * reused only where the port is not to be had else: on Linux 6.1, not on 6.18, others may then bind it in the same way.
     */
    private static void bind(NetworkChannel channel, InetSocketAddress to, boolean tcp) throws IOException {
        try {
            channel.bind(to);
        } catch (BindException e) {
            if (!tcp) {
                throw e;
            }
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(to);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        }
    }

    private static StandardProtocolFamily family(@Nullable InetAddress address, boolean ipv6) {
        boolean four = address == null ? !ipv6 : address instanceof Inet4Address;
        return four ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static NetworkChannel open(Protocol protocol, StandardProtocolFamily family) throws IOException {
        return protocol == Protocol.TCP ? SocketChannel.open(family) : DatagramChannel.open(family);
    }

    private static SandboxException refused(PortMapping single, Exception e) {
        String why = String.valueOf(e.getMessage());
        SandboxException told = why.contains("in use")
                ? new SandboxException(
                        "publish",
                        single.toString(),
                        Errno.EADDRINUSE,
                        "somebody has that port of the host's (ss -tulnp tells who): choose another, or 0 for any")
                : why.contains("assign")
                        ? new SandboxException(
                                "publish", single.toString(), Errno.EADDRNOTAVAIL, "the address is none of the host's")
                        : new SandboxException("publish", single.toString(), null, why);
        told.initCause(e);
        return told;
    }

    /** What was asked for, with the ports that were free. */
    public List<PortMapping> mappings() {
        return List.copyOf(mappings);
    }

    /** One by one. */
    List<Guest.Published> published() {
        return mappings.stream()
                .flatMap(mapping -> mapping.singles().stream())
                .map(single -> new Guest.Published(
                        single.address(), single.protocol().number(), single.hostPort(), single.containerPort()))
                .toList();
    }

    /** Whether the host's 127.0.0.1 leads to one. */
    boolean onLoopback() {
        return mappings.stream()
                .map(PortMapping::address)
                .anyMatch(address -> address == null
                        || (address instanceof Inet4Address
                                && (address.isAnyLocalAddress() || address.isLoopbackAddress())));
    }

    @Override
    public void close() throws SandboxException {
        for (NetworkChannel channel : held) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new SandboxException("close", "a published port", "its socket does not let go", e);
            }
        }
    }
}
