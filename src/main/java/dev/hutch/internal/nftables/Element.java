// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Attributes;
import dev.hutch.internal.netlink.Request;
import dev.hutch.spec.SandboxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An element of a set. Immutable as long as nobody changes the arrays.
 *
 * @param key as {@link Fields} makes it; the lower end where the set has intervals
 * @param end the upper end of an interval, inclusive; empty for none
 * @param value empty in a set without values
 * @param time to live; zero for ever
 * @param comment for people, and for who tidies up; 128 bytes at most
 */
public record Element(byte[] key, byte[] end, byte[] value, Duration time, String comment) {
    private static final byte[] NOTHING = {};

    /** Of nft's own, so that it shows comments: a type, a length, then the text with a NUL. */
    private static final int COMMENT = 0;

    private static final int LONGEST_COMMENT = 128;

    /** Headers of attributes, and the rest. */
    private static final int OVERHEAD = 64;

    public Element {
        if (comment.getBytes(StandardCharsets.UTF_8).length > LONGEST_COMMENT) {
            throw new IllegalArgumentException("comment '" + comment + "': at most " + LONGEST_COMMENT + " bytes");
        }
    }

    public static Element of(Fields key) {
        return new Element(key.toBytes(), NOTHING, NOTHING, Duration.ZERO, "");
    }

    public Element upTo(Fields last) {
        return new Element(key, last.toBytes(), value, time, comment);
    }

    public Element to(Fields mapped) {
        return new Element(key, end, mapped.toBytes(), time, comment);
    }

    public Element living(Duration duration) {
        return new Element(key, end, value, duration, comment);
    }

    public Element noted(String words) {
        return new Element(key, end, value, time, words);
    }

    /** About how many bytes of a message it needs. */
    int size() {
        return OVERHEAD + key.length + end.length + value.length + comment.length();
    }

    /** Only what tells it from the others. */
    void name(NfSet set, Request request) {
        request.nested(1, Rule.value(set.asKey(key)));
        if (set.intervals()) {
            request.nested(10, Rule.value(set.asKey(end.length == 0 ? key : end)));
        }
    }

    void declare(NfSet set, Request request) {
        name(set, request);
        if (value.length > 0) {
            request.nested(2, Rule.value(set.asValue(value)));
        }
        if (!time.isZero()) {
            request.be64(4, time.toMillis());
        }
        if (!comment.isEmpty()) {
            request.bytes(6, userData());
        }
    }

    static Element of(Attributes told) throws SandboxException {
        return new Element(
                field(told, 1),
                field(told, 10),
                field(told, 2),
                told.has(4) ? Duration.ofMillis(told.be64(4)) : Duration.ZERO,
                told.has(6) ? comment(told.bytes(6)) : "");
    }

    static byte[] field(Attributes told, int type) throws SandboxException {
        byte[] value =
                told.has(type) && told.nested(type).has(1) ? told.nested(type).bytes(1) : NOTHING;
        return Arrays.copyOf(value, Fields.padded(value.length));
    }

    private byte[] userData() {
        byte[] text = (comment + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[2 + text.length];
        data[0] = COMMENT;
        data[1] = (byte) text.length;
        System.arraycopy(text, 0, data, 2, text.length);
        return data;
    }

    /** The comment in what {@link #userData} made; empty in anything else, which may be others' work. */
    static String comment(byte[] userData) {
        int length = userData.length < 2 ? 0 : userData[1] & 0xff;
        if (length == 0 || userData[0] != COMMENT || 2 + length > userData.length) {
            return "";
        }
        String text = new String(userData, 2, length - 1, StandardCharsets.UTF_8);
        return text.getBytes(StandardCharsets.UTF_8).length > LONGEST_COMMENT ? "" : text;
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(key) + (comment.isEmpty() ? "" : " (" + comment + ")");
    }
}
