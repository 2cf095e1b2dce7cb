// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The attributes of a message, or those that one of them holds. What does not fit is an error, never read past. */
public final class Attributes {
    private static final int TYPE = 0x3fff;
    private static final Errno EBADMSG = new Errno(74);

    private record Attribute(int type, ByteBuffer value) {}

    private final List<Attribute> all = new ArrayList<>();

    private Attributes() {}

    /** Reads what is left in the buffer, which stays as it is. */
    public static Attributes read(ByteBuffer bytes) throws SandboxException {
        Attributes attributes = new Attributes();
        ByteBuffer rest = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        while (rest.remaining() >= 4) {
            int start = rest.position();
            int length = rest.getShort(start) & 0xffff;
            if (length < 4 || length > rest.remaining()) {
                throw malformed("an attribute of " + length + " bytes where " + rest.remaining() + " are left");
            }
            attributes.all.add(new Attribute(
                    rest.getShort(start + 2) & TYPE,
                    rest.slice(start + 4, length - 4).order(ByteOrder.LITTLE_ENDIAN)));
            rest.position(Math.min(start + (length + 3 & ~3), rest.limit()));
        }
        if (rest.hasRemaining()) {
            throw malformed(rest.remaining() + " bytes that are no attribute");
        }
        return attributes;
    }

    static SandboxException malformed(String what) {
        return new SandboxException("netlink", "", EBADMSG, what);
    }

    public boolean has(int type) {
        return all.stream().anyMatch(each -> each.type == type);
    }

    public int u8(int type) throws SandboxException {
        return value(type, 1).get(0) & 0xff;
    }

    public int u16(int type) throws SandboxException {
        return value(type, 2).getShort(0) & 0xffff;
    }

    public int i32(int type) throws SandboxException {
        return value(type, 4).getInt(0);
    }

    public long u32(int type) throws SandboxException {
        return Integer.toUnsignedLong(i32(type));
    }

    public long u64(int type) throws SandboxException {
        return value(type, 8).getLong(0);
    }

    /** The network's order. */
    public int be16(int type) throws SandboxException {
        return Short.reverseBytes((short) u16(type)) & 0xffff;
    }

    /** The network's order. */
    public long be32(int type) throws SandboxException {
        return Integer.toUnsignedLong(Integer.reverseBytes(i32(type)));
    }

    /** The network's order. */
    public long be64(int type) throws SandboxException {
        return Long.reverseBytes(u64(type));
    }

    /** Up to its first zero byte. */
    public String text(int type) throws SandboxException {
        byte[] bytes = bytes(type);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    public byte[] bytes(int type) throws SandboxException {
        ByteBuffer value = value(type, 0);
        byte[] bytes = new byte[value.remaining()];
        value.get(0, bytes);
        return bytes;
    }

    /** What the attribute holds. */
    public Attributes nested(int type) throws SandboxException {
        return read(value(type, 0));
    }

    /** What each attribute of the type holds: lists are many of one type. */
    public List<Attributes> each(int type) throws SandboxException {
        List<Attributes> found = new ArrayList<>();
        for (Attribute attribute : all) {
            if (attribute.type == type) {
                found.add(read(attribute.value));
            }
        }
        return found;
    }

    private ByteBuffer value(int type, int least) throws SandboxException {
        for (Attribute attribute : all) {
            if (attribute.type == type) {
                if (attribute.value.remaining() < least) {
                    throw malformed("attribute " + type + " of " + attribute.value.remaining() + " bytes");
                }
                return attribute.value;
            }
        }
        throw malformed("attribute " + type + " is missing");
    }
}
