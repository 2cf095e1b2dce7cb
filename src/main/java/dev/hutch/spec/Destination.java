// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox may reach, as {@link Egress} lists it. Immutable.
 *
 * @param host a name; {@code *.} and a name for all names below that one, at any depth, without itself; an IPv4 or IPv6
 *     address; or a range of them as {@code ADDRESS/PREFIX}
 * @param port 1 to 65,535, of TCP and of UDP; 0 for every port
 * @since 0.1
 */
public record Destination(String host, int port) {
    private static final Pattern BRACKETS = Pattern.compile("\\[([0-9A-Fa-f:.]+(?:/[0-9]{1,3})?)](?::([0-9]{1,5}))?");
    private static final Pattern PLAIN = Pattern.compile("([^:\\[\\]]+)(?::([0-9]{1,5}))?");
    private static final Pattern NAME = Pattern.compile(
            "(\\*\\.)?(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");

    /**
     * Checks its parts.
     *
     * @throws IllegalArgumentException if the host is none of these, or the port is out of range
     */
    public Destination {
        Range.check("port", port, 0, 65_535);
        host = normal(host);
    }

    /**
     * Reads {@code HOST[:PORT]}, such as {@code pypi.org:443}, {@code *.example.org}, {@code 192.0.2.7:22}, {@code
     * 10.0.0.0/8}, {@code 2001:db8::1} or {@code [2001:db8::/32]:443}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Destination parse(String text) {
        Matcher parts = BRACKETS.matcher(text);
        if (!parts.matches()) {
            if (text.chars().filter(each -> each == ':').count() > 1) {
                return new Destination(text, 0);
            }
            parts = PLAIN.matcher(text);
        }
        if (!parts.matches()) {
            throw new IllegalArgumentException("destination '" + text + "' is not HOST[:PORT], such as pypi.org:443");
        }
        int port = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        if (parts.group(2) != null) {
            Range.check("port of destination '" + text + "'", port, 1, 65_535);
        }
        return new Destination(parts.group(1), port);
    }

    /** Whether it is a name, or all names below one. */
    public boolean isName() {
        return addresses() == null;
    }

    /** The addresses that it is; null where it is a name. */
    public @Nullable AddressRange addresses() {
        return AddressRange.parse(host);
    }

    /**
     * Whether it is that name, or the name is below its wildcard.
     *
     * @param name in lower case, without a dot at its end
     */
    public boolean covers(String name) {
        return host.startsWith("*.")
                ? name.endsWith(host.substring(1)) && name.length() > host.length() - 1
                : host.equals(name);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        if (port == 0) {
            return host;
        }
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }

    private static String normal(String host) {
        AddressRange range = AddressRange.parse(host);
        if (range != null) {
            return range.toString();
        }
        String name = host.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        boolean likeAnAddress = name.contains(":") || name.contains("/") || name.matches("(.*\\.)?[0-9]+");
        if (likeAnAddress || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "host '" + host + "' is no name, no *.name, no address and no range such as 10.0.0.0/8");
        }
        return name;
    }
}
