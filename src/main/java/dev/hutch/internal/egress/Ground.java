// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.spec.AddressRange;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Which addresses a name from outside may not lead to: those that mean something else to the sandbox or its host than to
 * whoever answered (DNS rebinding). IANA's special-purpose registries have them. Thread-safe.
 */
final class Ground {
    private static final List<AddressRange> INNER = ranges(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/3",
            "::/96",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
            "2001::/32");

    /** IPv6 addresses that stand for the IPv4 address at that byte: NAT64 (RFC 6052), 6to4 (RFC 3056). */
    private static final AddressRange NAT64 = range("64:ff9b::/96");

    private static final AddressRange LOCAL_NAT64 = range("64:ff9b:1::/48");
    private static final AddressRange SIX_TO_FOUR = range("2002::/16");

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Supplier<Set<InetAddress>> look;
    private Set<InetAddress> own = Set.of();
    private long looked;

    /** Around this host. */
    Ground() {
        this(Ground::interfaces);
    }

    /** @param look finds the host's own addresses */
    Ground(Supplier<Set<InetAddress>> look) {
        this.look = look;
    }

    /** Whether only a list that names it, or a range that it is in, lets it be reached. */
    boolean isInner(InetAddress address) {
        return isSpecial(address) || hosts().contains(address);
    }

    private static boolean isSpecial(InetAddress address) {
        byte[] bytes = address.getAddress();
        return INNER.stream().anyMatch(range -> range.contains(bytes))
                || LOCAL_NAT64.contains(bytes)
                || (NAT64.contains(bytes) && isSpecial(embedded(bytes, 12)))
                || (SIX_TO_FOUR.contains(bytes) && isSpecial(embedded(bytes, 2)));
    }

    private static InetAddress embedded(byte[] bytes, int at) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The host's own, which may be public ones; interfaces come and go. */
    private synchronized Set<InetAddress> hosts() {
        if (looked == 0 || System.nanoTime() - looked > FRESH_NANOS) {
            own = look.get();
            looked = System.nanoTime();
        }
        return own;
    }

    /** Where they can't be read, no address is believed. */
    private static Set<InetAddress> interfaces() {
        Set<InetAddress> found = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(address -> found.add(withoutScope(address)));
        } catch (SocketException e) {
            throw new IllegalStateException("the host's own addresses can't be read", e);
        }
        return found;
    }

    private static InetAddress withoutScope(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AddressRange range(String text) {
        return Objects.requireNonNull(AddressRange.parse(text));
    }

    private static List<AddressRange> ranges(String... texts) {
        return Arrays.stream(texts).map(Ground::range).toList();
    }
}
