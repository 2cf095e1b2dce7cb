// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.BridgeNetwork;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bridge networks of the host: made, looked at and removed, one JVM at a time. Thread-safe. */
public final class HostNetworks implements AutoCloseable {
    private final Kernel kernel;
    private final NetworkStore store;
    private final HostLinks links;
    private final Firewall firewall;
    private final Conntrack connections;

    public HostNetworks(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.store = new NetworkStore(kernel, environment);
        this.links = new HostLinks(kernel);
        this.firewall = new Firewall(kernel);
        this.connections = new Conntrack(kernel);
    }

    NetworkStore store() {
        return store;
    }

    HostLinks links() {
        return links;
    }

    Firewall firewall() {
        return firewall;
    }

    Conntrack connections() {
        return connections;
    }

    /** The network, its bridge and its walls; made where they are missing. Under the store's lock. */
    NetworkConfig need(String name) throws SandboxException {
        Optional<NetworkConfig> there = store.read(name);
        return there.isPresent() ? there.get() : make(NetworkDraft.unkept(name));
    }

    private NetworkConfig make(NetworkDraft draft) throws SandboxException {
        NetworkConfig config = draft.complete(links, store.all());
        store.write(config);
        return config;
    }

    /** The number of its bridge, which is there from now on. */
    int build(NetworkConfig config) throws SandboxException {
        int bridge = links.bridge(config);
        firewall.addNetwork(config.bridge(), config.internal(), config.isolated());
        return bridge;
    }

    Leases leases(NetworkConfig config) throws SandboxException {
        return new Leases(kernel, config, store.leaseFolder(config.name()), this::forget);
    }

    /**
     * Makes a network that stays until it is removed.
     *
     * @param ipv4 null for a free one
     * @param ipv6 null for one that nobody else has
     * @param withIpv6 whether it has IPv6 at all
     * @throws SandboxException if one of that name exists, or a subnet meets what the host has
     */
    public BridgeNetwork create(
            String name,
            @Nullable AddressRange ipv4,
            @Nullable AddressRange ipv6,
            boolean withIpv6,
            boolean internal,
            boolean isolated)
            throws SandboxException {
        NetworkDraft draft = new NetworkDraft(name, subnet(ipv4), subnet(ipv6), withIpv6, internal, isolated, true);
        return store.locked(() -> {
            if (store.read(name).isPresent()) {
                throw new SandboxException(
                        "make network", name, Errno.EEXIST, "there is one of that name: remove it first");
            }
            NetworkConfig config = make(draft);
            try {
                build(config);
            } catch (SandboxException e) {
                remove(config);
                throw e;
            }
            return look(config);
        });
    }

    private static @Nullable Subnet subnet(@Nullable AddressRange range) {
        return range == null ? null : new Subnet(range.first(), range.prefix());
    }

    public List<BridgeNetwork> list() throws SandboxException {
        List<BridgeNetwork> all = new ArrayList<>();
        for (NetworkConfig config : store.all()) {
            all.add(look(config));
        }
        return all;
    }

    public Optional<BridgeNetwork> find(String name) throws SandboxException {
        Optional<NetworkConfig> config = store.read(name);
        return config.isPresent() ? Optional.of(look(config.get())) : Optional.empty();
    }

    private BridgeNetwork look(NetworkConfig config) throws SandboxException {
        return new BridgeNetwork(
                config.name(),
                config.bridge(),
                new AddressRange(config.ipv4().first(), config.ipv4().length()),
                config.ipv6() == null
                        ? null
                        : new AddressRange(config.ipv6().first(), config.ipv6().length()),
                config.mtu(),
                config.internal(),
                config.isolated(),
                config.kept(),
                leases(config).members());
    }

    /**
     * Removes a network with what it has on the host.
     *
     * @throws SandboxException if there is none, or a JVM uses it
     */
    public void remove(String name) throws SandboxException {
        store.locked(() -> {
            NetworkConfig config = store.read(name)
                    .orElseThrow(() -> new SandboxException(
                            "remove network", name, Errno.ENOENT, "`hutch network ls` lists those that there are"));
            if (store.users(name) > 0) {
                throw new SandboxException(
                        "remove network", name, Errno.EBUSY, "a JVM uses it: end its sandboxes, and it, first");
            }
            remove(config);
            return config;
        });
    }

    /** Removes all that nobody uses: their names. */
    public List<String> prune() throws SandboxException {
        return store.locked(() -> {
            List<String> removed = new ArrayList<>();
            for (NetworkConfig config : store.all()) {
                if (store.users(config.name()) == 0) {
                    remove(config);
                    removed.add(config.name());
                }
            }
            return removed;
        });
    }

    /** What JVMs that were killed left: addresses in use, and networks that nobody keeps. */
    void sweep() throws SandboxException {
        if (!store.unfinished().isEmpty()) {
            store.locked(() -> {
                // Nobody is at it now.
                for (String network : store.unfinished()) {
                    store.delete(network);
                }
                return store;
            });
        }
        for (NetworkConfig config : store.all()) {
            store.locked(() -> {
                store.leases(config.name(), this::forget);
                removeIfUnused(config);
                return config;
            });
        }
    }

    /** Of a container whose JVM was killed. */
    private void forget(String ipv4) throws SandboxException {
        firewall.forget(ipv4);
        connections.forgetServedBy(Subnet.parse(ipv4 + "/32").first());
    }

    /** Under the store's lock. */
    void removeIfUnused(NetworkConfig config) throws SandboxException {
        if (!config.kept() && store.users(config.name()) == 0) {
            remove(config);
        }
    }

    private void remove(NetworkConfig config) throws SandboxException {
        store.leases(config.name(), this::forget);
        links.delete(config.bridge());
        firewall.removeNetwork(config.bridge());
        store.delete(config.name());
        if (store.all().isEmpty()) {
            firewall.removeTables();
        }
    }

    @Override
    public void close() {
        links.close();
        firewall.close();
    }
}
