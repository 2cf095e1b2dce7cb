// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.AddressRange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The addresses that share a prefix, of either family.
 *
 * @param first the lowest of them
 * @param length bits of the prefix
 */
public record Subnet(InetAddress first, int length) {
    private static final String FORM = "an address, a slash and the length of the prefix, such as 10.0.3.0/24";

    /** @throws IllegalArgumentException if bits are set behind the prefix */
    public Subnet {
        if (length < 0 || length > bits(first)) {
            throw new IllegalArgumentException("prefix length " + length + " is not 0 to " + bits(first));
        }
        if (!first.equals(masked(first, length))) {
            throw new IllegalArgumentException(first.getHostAddress() + "/" + length + " has bits behind its prefix: "
                    + masked(first, length).getHostAddress() + "/" + length + "?");
        }
    }

    /**
     * Reads {@code ADDRESS/LENGTH}.
     *
     * @throws IllegalArgumentException if it is no prefix
     */
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        // A name would be asked of the resolver.
        if (slash < 0 || !address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*") || !text.matches(".*/[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is not " + FORM);
        }
        try {
            return new Subnet(InetAddress.getByName(address), Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "' is not " + FORM, e);
        }
    }

    /** The prefix of this length that the address is in. */
    static Subnet of(byte[] address, int length) {
        return new Subnet(masked(address(address), length), length);
    }

    /** The address with this number in its subnet; 0 is the first. */
    public InetAddress address(long number) {
        byte[] bytes = first.getAddress();
        int last = bytes.length - 4;
        ByteBuffer low = ByteBuffer.wrap(bytes);
        low.putInt(last, low.getInt(last) | (int) number);
        return address(bytes);
    }

    /** By which {@link #address} gives it. */
    long number(InetAddress address) {
        int last = first.getAddress().length - 4;
        return Integer.toUnsignedLong(ByteBuffer.wrap(address.getAddress()).getInt(last)
                ^ ByteBuffer.wrap(first.getAddress()).getInt(last));
    }

    /** Of all addresses, those that the low 32 bits can tell apart. */
    public long size() {
        return 1L << Math.min(32, bits(first) - length);
    }

    public boolean isIpv4() {
        return bits(first) == 32;
    }

    public boolean contains(InetAddress address) {
        return bits(address) == bits(first) && masked(address, length).equals(first);
    }

    /** Whether some address is in both. */
    public boolean overlaps(Subnet other) {
        return length <= other.length ? contains(other.first) : other.contains(first);
    }

    private static int bits(InetAddress address) {
        return 8 * Objects.requireNonNull(address).getAddress().length;
    }

    private static InetAddress masked(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.max(0, Math.min(8, length - 8 * i));
            bytes[i] &= (byte) (0xff00 >> kept);
        }
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
        }
    }

    @Override
    public String toString() {
        return new AddressRange(first, length).toString();
    }
}
