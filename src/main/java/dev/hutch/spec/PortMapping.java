// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Ports of the host's that lead to ports of a sandbox: one, or a range of them. They are the host's own for as long as the
 * sandbox lives: one that somebody listens on is an error before the program starts. Immutable.
 *
 * @param address of the host's, on which they are; null for all, IPv4 and IPv6
 * @param hostPort the first of them, 1 to 65,535; 0 for any that are free, which {@code SandboxProcess.ports} tells
 * @param containerPort the first one inside, 1 to 65,535
 * @param count how many, one after the other on both sides, 1 to 1,000
 * @param protocol TCP or UDP
 * @since 0.1
 */
public record PortMapping(
        @Nullable InetAddress address, int hostPort, int containerPort, int count, Protocol protocol) {
    /** The most ports of one range. */
    public static final int MOST_PORTS = 1_000;

    private static final int LAST_PORT = 65_535;
    private static final Pattern FORM = Pattern.compile(
            "(?:(?:(\\[[^]]+]|[0-9.]+):)?(?:([0-9]{1,5})(?:-([0-9]{1,5}))?)?:)?([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp))?");

    /** What a port is one of. @since 0.1 */
    public enum Protocol {
        /** The default. */
        TCP(6),
        /** Datagrams. */
        UDP(17);

        private final int number;

        Protocol(int number) {
            this.number = number;
        }

        /** As IP headers have it: 6 or 17. */
        public int number() {
            return number;
        }
    }

    /** @throws IllegalArgumentException if a port, or the last one of a range, is out of range */
    public PortMapping {
        Range.check("count of ports", count, 1, MOST_PORTS);
        Range.check("host port", hostPort, 0, LAST_PORT);
        Range.check("container port", containerPort, 1, LAST_PORT);
        Range.check("last host port", hostPort + count - 1, 0, LAST_PORT);
        Range.check("last container port", containerPort + count - 1, 1, LAST_PORT);
    }

    /** One port of TCP, on all addresses of the host's. */
    public PortMapping(int hostPort, int containerPort) {
        this(null, hostPort, containerPort, 1, Protocol.TCP);
    }

    /**
     * Reads {@code [[ADDRESS:]HOST:]CONTAINER[/tcp|udp]}, such as {@code 8080:80}, {@code 127.0.0.1:8080:80},
     * {@code [::1]:8080:80}, {@code 53:53/udp} or {@code 8000-8009:9000-9009}. Without a port of the host's, or with
     * {@code 0}, any that is free is taken.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static PortMapping parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "is not [[ADDRESS:]HOST:]CONTAINER[/tcp|udp], such as 8080:80");
        }
        int container = Integer.parseInt(parts.group(4));
        int host = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        int count = count(container, parts.group(5));
        if (parts.group(2) != null && host != 0 && count(host, parts.group(3)) != count) {
            throw wrong(text, "has ranges of different length");
        }
        Protocol protocol = parts.group(6) == null
                ? Protocol.TCP
                : Protocol.valueOf(parts.group(6).toUpperCase(Locale.ROOT));
        try {
            return new PortMapping(address(parts.group(1)), host, container, count, protocol);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("published port '" + text + "': " + e.getMessage(), e);
        }
    }

    private static int count(int first, @Nullable String last) {
        return last == null ? 1 : Integer.parseInt(last) - first + 1;
    }

    private static @Nullable InetAddress address(@Nullable String word) {
        if (word == null) {
            return null;
        }
        AddressRange range = AddressRange.parse(word.startsWith("[") ? word.substring(1, word.length() - 1) : word);
        if (range == null || !range.isSingle()) {
            throw new IllegalArgumentException("'" + word + "' is no address: IPv6 goes in brackets");
        }
        return range.first();
    }

    private static IllegalArgumentException wrong(String text, String how) {
        return new IllegalArgumentException("published port '" + text + "' " + how);
    }

    /** The same on that port of the host's. */
    public PortMapping onHostPort(int port) {
        return new PortMapping(address, port, containerPort, count, protocol);
    }

    /** Each port by itself, in order; of those that are to be free ones, each is to be a free one. */
    public List<PortMapping> singles() {
        return IntStream.range(0, count)
                .mapToObj(
                        i -> new PortMapping(address, hostPort == 0 ? 0 : hostPort + i, containerPort + i, 1, protocol))
                .toList();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        String where = address == null
                ? ""
                : (address instanceof Inet6Address ? "[" + AddressRange.of(address) + "]" : address.getHostAddress())
                        + ":";
        String host = hostPort == 0 ? "0" : range(hostPort);
        String suffix = protocol == Protocol.TCP ? "" : "/" + protocol.name().toLowerCase(Locale.ROOT);
        return where + host + ":" + range(containerPort) + suffix;
    }

    private String range(int first) {
        return count == 1 ? Integer.toString(first) : first + "-" + (first + count - 1);
    }
}
