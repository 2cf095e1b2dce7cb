// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * One message to the kernel, written front to back: the family's fixed header, then attributes. Numbers are the host's,
 * which is little-endian on all processors that Hutch runs on, but where a method says that they are the network's.
 */
public final class Request {
    /** NLM_F_ flags. */
    public static final int REQUEST = 0x1;

    public static final int ACK = 0x4;
    public static final int REPLACE = 0x100;
    public static final int EXCL = 0x200;
    public static final int DUMP = 0x300;
    public static final int CREATE = 0x400;
    public static final int APPEND = 0x800;

    static final int HEADER = 16;
    private static final int NESTED = 0x8000;
    private static final int MOST = 0xffff;

    private final int type;
    private int flags;
    private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

    private Request(int type, int flags) {
        this.type = type;
        this.flags = flags | REQUEST;
        buffer.position(HEADER);
    }

    /**
     * A request of that type.
     *
     * @param flags besides NLM_F_REQUEST
     */
    public static Request of(int type, int flags) {
        return new Request(type, flags);
    }

    int type() {
        return type;
    }

    boolean asks(int flag) {
        return (flags & flag) == flag;
    }

    /** One to a subsystem of NETLINK_NETFILTER, with struct nfgenmsg; flags but REQUEST, which all have. */
    public static Request netfilter(int subsystem, int type, int flags, int family) {
        return of(subsystem << 8 | type, flags).byteField(family).byteField(0).shortField(0);
    }

    /** The same with one more flag. */
    public Request with(int flag) {
        flags |= flag;
        return this;
    }

    /** Of the fixed header: one byte. */
    public Request byteField(int value) {
        room(1).put((byte) value);
        return this;
    }

    /** Of the fixed header: two bytes. */
    public Request shortField(int value) {
        room(2).putShort((short) value);
        return this;
    }

    /** Of the fixed header: two bytes, the network's order. */
    public Request networkShortField(int value) {
        return shortField(Short.reverseBytes((short) value));
    }

    /** Of the fixed header: four bytes. */
    public Request intField(int value) {
        room(4).putInt(value);
        return this;
    }

    public Request bytes(int attribute, byte[] value) {
        return attribute(attribute, value.length, at -> at.put(value));
    }

    /** Without content: its being there is what it says. */
    public Request flag(int attribute) {
        return bytes(attribute, new byte[0]);
    }

    /** Closed by a zero byte. */
    public Request text(int attribute, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return attribute(attribute, bytes.length + 1, at -> at.put(bytes).put((byte) 0));
    }

    public Request u8(int attribute, int value) {
        return attribute(attribute, 1, at -> at.put((byte) value));
    }

    public Request u16(int attribute, int value) {
        return attribute(attribute, 2, at -> at.putShort((short) value));
    }

    public Request u32(int attribute, long value) {
        return attribute(attribute, 4, at -> at.putInt((int) value));
    }

    public Request u64(int attribute, long value) {
        return attribute(attribute, 8, at -> at.putLong(value));
    }

    /** The network's order. */
    public Request be16(int attribute, int value) {
        return u16(attribute, Short.reverseBytes((short) value));
    }

    /** The network's order. */
    public Request be32(int attribute, long value) {
        return u32(attribute, Integer.reverseBytes((int) value));
    }

    /** The network's order. */
    public Request be64(int attribute, long value) {
        return u64(attribute, Long.reverseBytes(value));
    }

    /** An attribute that holds others. */
    public Request nested(int attribute, Consumer<Request> content) {
        return holding(attribute | NESTED, content);
    }

    /** The same without NLA_F_NESTED, for attributes of families that are older than the flag. */
    public Request holding(int attribute, Consumer<Request> content) {
        int start = room(4).position();
        buffer.putInt(0);
        content.accept(this);
        head(start, attribute, buffer.position() - start);
        return this;
    }

    private Request attribute(int attribute, int length, Consumer<ByteBuffer> content) {
        int start = room(length + 8).position();
        buffer.putInt(0);
        content.accept(buffer);
        head(start, attribute, length + 4);
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
        return this;
    }

    private void head(int start, int attribute, int length) {
        if (length > MOST) {
            throw new IllegalArgumentException("attribute " + attribute + " would have " + length + " bytes");
        }
        buffer.putShort(start, (short) length).putShort(start + 2, (short) attribute);
    }

    private ByteBuffer room(int length) {
        if (buffer.remaining() < length) {
            buffer = ByteBuffer.allocate(2 * buffer.capacity() + length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(buffer.flip());
        }
        return buffer;
    }

    /** The whole message, padded to what the next one begins at. */
    public byte[] message(int sequence) {
        int length = buffer.position();
        byte[] whole = new byte[length + 3 & ~3];
        ByteBuffer.wrap(whole)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, length)
                .putShort(4, (short) type)
                .putShort(6, (short) flags)
                .putInt(8, sequence)
                .put(HEADER, buffer.array(), HEADER, length - HEADER);
        return whole;
    }

    /** Several as one: they are worked on in this order. */
    public static byte[] messages(Collection<Request> requests) {
        ByteBuffer all = ByteBuffer.allocate(
                requests.stream().mapToInt(request -> request.message(0).length).sum());
        requests.forEach(request -> all.put(request.message(0)));
        return all.array();
    }
}
