// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What keys and values of sets are made of: fields side by side, each padded to registers of 4 bytes. */
public final class Fields {
    /** A kind of field. The number is nft's, which the kernel keeps for those who list the set. */
    public enum Kind {
        IPV4(7, 4),
        IPV6(8, 16),
        ETHER(9, 6),
        /** TCP, UDP …. */
        PROTOCOL(12, 1),
        PORT(13, 2),
        MARK(19, 4, true),
        /** A priority, major and minor number as tc has them. */
        CLASS(23, 4, true),
        /** A name of an interface. */
        INTERFACE(41, 16, true);

        final int number;
        final int bytes;
        final boolean hostOrder;

        Kind(int number, int bytes) {
            this(number, bytes, false);
        }

        Kind(int number, int bytes, boolean hostOrder) {
            this.number = number;
            this.bytes = bytes;
            this.hostOrder = hostOrder;
        }
    }

    private static final int INTERFACE_ROOM = 16;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The address's own bytes: 4 or 16. */
    public Fields address(InetAddress address) {
        return bytes(address.getAddress());
    }

    public Fields bytes(byte... value) {
        out.writeBytes(Arrays.copyOf(value, padded(value.length)));
        return this;
    }

    public Fields protocol(int number) {
        return bytes((byte) number);
    }

    public Fields port(int port) {
        return bytes((byte) (port >> 8), (byte) port);
    }

    /** A mark or a priority, which the kernel has in its own byte order. */
    public Fields number(int value) {
        return bytes(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
    }

    public Fields networkInterface(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= INTERFACE_ROOM) {
            throw new IllegalArgumentException("interface name '" + name + "': 15 bytes at most");
        }
        return bytes(Arrays.copyOf(bytes, INTERFACE_ROOM));
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }

    static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    /** As nft tells a type of several fields. */
    static int type(List<Kind> kinds) {
        int type = 0;
        for (Kind kind : kinds) {
            type = type << 6 | kind.number;
        }
        return type;
    }
}
