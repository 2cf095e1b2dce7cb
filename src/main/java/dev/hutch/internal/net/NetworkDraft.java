// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as it is wished for; the rest is chosen so that it meets nothing that the host can reach already.
 *
 * @param ipv4 null for a free one
 * @param ipv6 null for one that nobody else has, where the host has IPv6
 * @param withIpv6 whether it has IPv6 at all
 */
record NetworkDraft(
        String name,
        @Nullable Subnet ipv4,
        @Nullable Subnet ipv6,
        boolean withIpv6,
        boolean internal,
        boolean isolated,
        boolean kept) {
    private static final int POOL_FIRST = 213;
    private static final int POOL_LAST = 220;
    private static final int POOL_PREFIX = 22;
    private static final Path NO_IPV6 = Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6");

    /** Made because somebody uses it, and gone when nobody does. */
    static NetworkDraft unkept(String name) {
        return new NetworkDraft(name, null, null, true, false, false, false);
    }

    /** @param others all networks that there are */
    NetworkConfig complete(HostLinks links, List<NetworkConfig> others) throws SandboxException {
        List<Subnet> taken = taken(links, others);
        Subnet four = ipv4 == null ? free(taken) : checked(ipv4, taken);
        Subnet six = ipv6 != null ? checked(ipv6, taken) : withIpv6 && hostHasIpv6() ? uniqueLocal() : null;
        return new NetworkConfig(name, four, six, links.mtu(), internal, isolated, kept);
    }

    private static List<Subnet> taken(HostLinks links, List<NetworkConfig> others) throws SandboxException {
        List<Subnet> taken = new ArrayList<>();
        for (boolean four : new boolean[] {true, false}) {
            for (HostLinks.HostRoute route : links.routes(four)) {
                if (!route.isDefault()) {
                    taken.add(route.to());
                }
            }
        }
        for (NetworkConfig other : others) {
            taken.add(other.ipv4());
            if (other.ipv6() != null) {
                taken.add(other.ipv6());
            }
        }
        return taken;
    }

    private Subnet free(List<Subnet> taken) throws SandboxException {
        for (int second = POOL_FIRST; second <= POOL_LAST; second++) {
            for (int third = 0; third < 256; third += 4) {
                Subnet candidate = Subnet.of(new byte[] {10, (byte) second, (byte) third, 0}, POOL_PREFIX);
                if (taken.stream().noneMatch(candidate::overlaps)) {
                    return candidate;
                }
            }
        }
        throw new SandboxException(
                "choose",
                "a subnet for network " + name,
                null,
                "none of 10." + POOL_FIRST + ".0.0 to 10." + POOL_LAST
                        + ".255.255 is free of the host's own routes: make the network with a subnet of your choice");
    }

    private Subnet checked(Subnet wished, List<Subnet> taken) throws SandboxException {
        for (Subnet other : taken) {
            if (wished.overlaps(other)) {
                throw new SandboxException(
                        "use",
                        "subnet " + wished + " for network " + name,
                        null,
                        "the host has a route to " + other + ", or another network has it: choose another subnet");
            }
        }
        return wished;
    }

    private static boolean hostHasIpv6() throws SandboxException {
        try {
            return Files.exists(NO_IPV6) && Files.readString(NO_IPV6).startsWith("0");
        } catch (java.io.IOException e) {
            throw new SandboxException("read", NO_IPV6.toString(), "", e);
        }
    }

    /** RFC 4193: 40 random bits, so that no two networks ever meet. */
    private static Subnet uniqueLocal() {
        byte[] address = new byte[16];
        byte[] random = new byte[5];
        new SecureRandom().nextBytes(random);
        address[0] = (byte) 0xfd;
        System.arraycopy(random, 0, address, 1, random.length);
        return Subnet.of(address, 64);
    }

    /** The address that a host name means inside the network. */
    static String hostsLine(InetAddress address, String hostname) {
        return address.getHostAddress() + "\t" + hostname;
    }
}
