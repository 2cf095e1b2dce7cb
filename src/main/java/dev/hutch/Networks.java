// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.host.Privilege;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.net.HostNetworks;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.BridgeNetwork;
import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bridge networks of this host, which all JVMs share. None need be made: {@link Network#bridge(String)} makes the one
 * that it names, which goes when nobody uses it any more. One that is made here has what it was made with, and stays until
 * it is removed or the host restarts. Needs root. Thread-safe.
 *
 * @since 0.1
 */
public final class Networks {
    private Networks() {}

    /**
     * All networks, in no order.
     *
     * @throws SandboxException if this is not root's JVM
     */
    public static List<BridgeNetwork> list() throws SandboxException {
        try (HostNetworks host = open()) {
            return host.list();
        }
    }

    /**
     * The network of that name; empty where there is none.
     *
     * @throws SandboxException if this is not root's JVM
     */
    public static Optional<BridgeNetwork> find(String name) throws SandboxException {
        try (HostNetworks host = open()) {
            return host.find(Network.bridge(name).name());
        }
    }

    /**
     * Begins one; {@link Builder#create} makes it.
     *
     * @throws IllegalArgumentException if it is no name, as for {@link Network#bridge(String)}
     */
    public static Builder builder(String name) {
        return new Builder(Network.bridge(name).name());
    }

    /**
     * Removes one that nobody uses.
     *
     * @throws SandboxException if there is none of that name, or a JVM uses it, which it does from its first sandbox there
     *     until its context is closed
     */
    public static void remove(String name) throws SandboxException {
        try (HostNetworks host = open()) {
            host.remove(Network.bridge(name).name());
        }
    }

    /**
     * Removes all that nobody uses: their names.
     *
     * @throws SandboxException if this is not root's JVM
     */
    public static List<String> prune() throws SandboxException {
        try (HostNetworks host = open()) {
            return host.prune();
        }
    }

    private static HostNetworks open() throws SandboxException {
        Kernel kernel = JniKernel.load();
        if (!Privilege.ofThisProcess(kernel)) {
            throw new SandboxException("open", "the networks of the host", null, "they are root's: run as root");
        }
        return new HostNetworks(kernel, System.getenv());
    }

    /** A network before it is made. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private @Nullable AddressRange ipv4;
        private @Nullable AddressRange ipv6;
        private boolean withIpv6 = true;
        private boolean internal;
        private boolean isolated;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Its addresses, of either family: an IPv4 prefix of 8 to 29 bits, or an IPv6 one of 8 to 112. Default: 1022 of 10.213.0.0 to
         * 10.220.255.255 that the host has no route to, and unique local ones of IPv6.
         *
         * @throws IllegalArgumentException if the prefix is out of range
         */
        public Builder subnet(AddressRange addresses) {
            boolean four = addresses.first().getAddress().length == 4;
            if (addresses.prefix() < 8 || addresses.prefix() > (four ? 29 : 112)) {
                throw new IllegalArgumentException(
                        "subnet " + addresses + ": its prefix must have 8 to " + (four ? 29 : 112) + " bits");
            }
            if (four) {
                ipv4 = addresses;
            } else {
                ipv6 = addresses;
            }
            return this;
        }

        /** Whether it has IPv6. Default true, where the host has it. */
        public Builder ipv6(boolean wanted) {
            withIpv6 = wanted;
            return this;
        }

        /** Whether it leads nowhere: its sandboxes reach one another alone. Default false. */
        public Builder internal(boolean closed) {
            internal = closed;
            return this;
        }

        /** Whether its sandboxes can't reach one another. Default false. */
        public Builder isolated(boolean apart) {
            isolated = apart;
            return this;
        }

        /**
         * Makes it, with its bridge.
         *
         * @throws SandboxException if one of that name exists, the host has a route to an address of its subnet, or this is
         *     not root's JVM
         */
        public BridgeNetwork create() throws SandboxException {
            try (HostNetworks host = open()) {
                return host.create(name, ipv4, ipv6, withIpv6, internal, isolated);
            }
        }
    }
}
