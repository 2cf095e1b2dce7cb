// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses with a common prefix, or a single one. Immutable.
 *
 * @param first the lowest; an IPv4-mapped IPv6 address is the IPv4 address
 * @param prefix how many of the leading bits all have in common: 0 to 32, or to 128 for IPv6
 * @since 0.1
 */
public record AddressRange(InetAddress first, int prefix) {
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(?:/([0-9]{1,3}))?");

    /** Two groups or more of zeros in an IPv6 address, and the colons around them. */
    private static final Pattern ZEROS = Pattern.compile("(?:^|:)0(?::0)+(?::|$)");

    /**
     * Checks its parts.
     *
     * @throws IllegalArgumentException if the prefix is out of range, or the address has bits set behind it
     */
    public AddressRange {
        Range.check("prefix of " + first.getHostAddress(), prefix, 0, bits(first));
        byte[] bytes = first.getAddress();
        for (int bit = prefix; bit < bits(first); bit++) {
            if ((bytes[bit / 8] & (0x80 >> bit % 8)) != 0) {
                throw new IllegalArgumentException("range '" + first.getHostAddress() + "/" + prefix
                        + "' has bits behind its prefix: write its first address");
            }
        }
    }

    /** One address. */
    public static AddressRange of(InetAddress address) {
        return new AddressRange(address, bits(address));
    }

    /**
     * Reads {@code ADDRESS} or {@code ADDRESS/PREFIX}; null where it is neither. No name is ever looked up.
     *
     * @throws IllegalArgumentException if it is one and is out of range
     */
    public static @Nullable AddressRange parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        InetAddress address = address(form.group(1));
        boolean mapped = address instanceof Inet4Address && form.group(1).contains(":");
        if (form.group(2) == null) {
            return of(address);
        }
        int prefix = Integer.parseInt(form.group(2));
        return new AddressRange(address, mapped ? prefix - 96 : prefix);
    }

    /** Never a lookup: what is no address is refused before the JDK could take it for a name. */
    private static InetAddress address(String text) {
        boolean fits = text.contains(":")
                || Arrays.stream(text.split("\\."))
                        .allMatch(part -> part.matches("0|[1-9][0-9]*") && Integer.parseInt(part) <= 255);
        try {
            if (fits) {
                return InetAddress.getAllByName(text)[0];
            }
        } catch (UnknownHostException e) {
            // As below.
        }
        throw new IllegalArgumentException("'" + text + "' is no address");
    }

    /** Whether it is one address. */
    public boolean isSingle() {
        return prefix == bits(first);
    }

    /** Whether that address is among them; one of the other family never is, but for an IPv4-mapped one. */
    public boolean contains(InetAddress address) {
        return contains(address.getAddress());
    }

    /**
     * As {@link #contains(InetAddress)}.
     *
     * @param address 4 or 16 bytes, in network order
     */
    public boolean contains(byte[] address) {
        byte[] mine = first.getAddress();
        if (address.length != mine.length) {
            return false;
        }
        int whole = prefix / 8;
        if (!Arrays.equals(address, 0, whole, mine, 0, whole)) {
            return false;
        }
        int rest = prefix % 8;
        return rest == 0 || ((address[whole] ^ mine[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    /** As {@link #parse} reads it, in the short form of RFC 5952. */
    @Override
    public String toString() {
        String address = withoutZeros(first.getHostAddress());
        return isSingle() ? address : address + "/" + prefix;
    }

    private static String withoutZeros(String address) {
        return ZEROS.matcher(address)
                .results()
                .max(Comparator.comparingInt(zeros -> zeros.group().split("0", -1).length))
                .map(zeros -> address.substring(0, zeros.start()) + "::" + address.substring(zeros.end()))
                .orElse(address);
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * 8;
    }
}
