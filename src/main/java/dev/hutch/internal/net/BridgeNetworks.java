// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.spec.Network;
import dev.hutch.spec.PortMapping;
import dev.hutch.spec.SandboxException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The bridge networks that this JVM uses. A network is made at its first use on the host, and removed after its last one,
 * unless somebody made it by name. Thread-safe.
 */
final class BridgeNetworks implements AutoCloseable {
    /** What to do where connections aren't counted. */
    static final String NO_COUNT =
            "the host's rules don't count them: modprobe nft_connlimit, end what older versions of Hutch run, and start again when"
                    + " no network is left";

    private final HostNetworks host;
    private final NetworkStore store;
    private final HostLinks links;
    private final Forwarding forwarding;
    private final Firewall firewall;
    private final Map<String, Used> used = new TreeMap<>();

    BridgeNetworks(Kernel kernel, Map<String, String> environment) {
        this.host = new HostNetworks(kernel, environment);
        this.store = host.store();
        this.links = host.links();
        this.forwarding = new Forwarding(kernel, links);
        this.firewall = host.firewall();
    }

    /** A network that this JVM uses until its end; others know by the file. */
    private record Used(BridgeAttachment.Bridge bridge, LockFile mine, Leases leases) {
        NetworkConfig config() {
            return bridge.network();
        }
    }

    BridgeAttachment attach(String network, Attacher.Target target) throws SandboxException {
        return attach(use(network), target);
    }

    /**
     * The bridge once more, by another number, where somebody has removed it under us; empty where nobody has. The network
     * stays in use meanwhile, so that nobody else takes it and its leases for left.
     */
    private synchronized Optional<BridgeAttachment.Bridge> again(Used network) throws SandboxException {
        NetworkConfig config = network.config();
        if (links.find(config.bridge())
                .filter(link -> link.index() == network.bridge().index())
                .isPresent()) {
            return Optional.empty();
        }
        Used now = used.get(config.name());
        if (network.equals(now)) {
            now = new Used(store.locked(() -> bridge(config)), network.mine(), network.leases());
            used.put(config.name(), now);
        }
        return Optional.ofNullable(now).map(Used::bridge);
    }

    private BridgeAttachment.Bridge bridge(NetworkConfig config) throws SandboxException {
        int index = host.build(config);
        return new BridgeAttachment.Bridge(config, index, !config.internal() && forwarding.on(config));
    }

    private BridgeAttachment attach(Used network, Attacher.Target target) throws SandboxException {
        List<String> names = new ArrayList<>(List.of(target.hostname()));
        if (target.spec().name() != null) {
            names.add(target.spec().name());
        }
        Lease lease = network.leases().take(names);
        try {
            return place(network, target, lease);
        } catch (SandboxException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    private BridgeAttachment place(Used network, Attacher.Target target, Lease lease) throws SandboxException {
        NetworkConfig config = network.config();
        if (target.spec().strict() && !firewall.boundsConnections()) {
            throw new SandboxException("network", "connections", null, NO_COUNT);
        }
        Network wanted = target.spec().network();
        HostPorts ports = hold(config, wanted);
        Guest guest = new Guest(
                        config.bridge(),
                        NetworkConfig.port(lease.ipv4()),
                        NetworkConfig.mac(lease.ipv4()),
                        lease.ipv4(),
                        lease.ipv6())
                .publishing(ports.published())
                .reachingTheHost(wanted.hostServices())
                .classified(wanted.priority(), wanted.mark());
        BridgeAttachment.Host its =
                new BridgeAttachment.Host(links, firewall, forwarding, host.connections(), guest, ports);
        return new BridgeAttachment(
                network.bridge(), () -> again(network), lease, target.hostname(), wanted.rate(), its);
    }

    private static HostPorts hold(NetworkConfig network, Network wanted) throws SandboxException {
        if (network.internal() && !wanted.ports().isEmpty()) {
            throw new SandboxException(
                    "publish",
                    wanted.ports().get(0).toString(),
                    null,
                    "network " + network.name() + " is internal: nothing leads out of it, nor in");
        }
        for (PortMapping mapping : wanted.ports()) {
            InetAddress address = mapping.address();
            if (address instanceof Inet6Address && address.isLoopbackAddress()) {
                throw new SandboxException(
                        "publish",
                        mapping.toString(),
                        null,
                        "the kernel routes nothing from ::1: publish it on 127.0.0.1");
            }
        }
        return HostPorts.hold(wanted.ports(), network.ipv6() != null);
    }

    private synchronized Used use(String name) throws SandboxException {
        Used known = used.get(name);
        if (known != null) {
            return known;
        }
        Used fresh = store.locked(() -> {
            NetworkConfig config = host.need(name);
            return new Used(bridge(config), store.use(name), host.leases(config));
        });
        used.put(name, fresh);
        return fresh;
    }

    /** Whose rules are brought back no more, since it may be gone from now on. */
    private void leave(Used network) throws SandboxException {
        firewall.leave(network.config().bridge());
        network.mine().delete();
    }

    /** The addresses of the containers of the network that have this name, in whatever JVM. */
    List<InetAddress> lookup(String network, String name) throws SandboxException {
        Leases leases;
        synchronized (this) {
            Used known = used.get(network);
            if (known == null) {
                return List.of();
            }
            leases = known.leases();
        }
        return leases.lookup(name);
    }

    /** Removes what JVMs that were killed left. */
    void sweep() throws SandboxException {
        host.sweep();
    }

    @Override
    public synchronized void close() throws SandboxException {
        try {
            for (Used network : used.values()) {
                store.locked(() -> {
                    leave(network);
                    host.removeIfUnused(network.config());
                    return network;
                });
            }
            used.clear();
        } finally {
            host.close();
        }
    }
}
