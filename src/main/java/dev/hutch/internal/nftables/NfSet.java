// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.nftables.Fields.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A set, or a map if it has values. Rules find it by name.
 *
 * @param key the fields of its keys
 * @param value the fields of its values; empty for a set
 * @param timed whether elements may have a time to live
 * @param intervals whether an element may be a range of each field
 * @param most how many elements rules may put into it; 0 for a set that they don't change
 */
public record NfSet(
        Table table, String name, List<Kind> key, List<Kind> value, boolean timed, boolean intervals, int most) {
    private static final int INTERVAL = 4;
    private static final int MAP = 8;
    private static final int TIMEOUT = 16;
    private static final int EVALUATED = 32;
    private static final int CONCAT = 128;

    private static final int HOST_ORDER = 1;
    private static final int BIG_ENDIAN = 2;

    public NfSet(Table table, String name, Kind... key) {
        this(table, name, List.of(key), List.of(), false, false, 0);
    }

    public NfSet to(Kind... values) {
        return new NfSet(table, name, key, List.of(values), timed, intervals, most);
    }

    public NfSet ofTimed() {
        return new NfSet(table, name, key, value, true, intervals, most);
    }

    public NfSet ofIntervals() {
        return new NfSet(table, name, key, value, timed, true, most);
    }

    public NfSet ofAtMost(int elements) {
        return new NfSet(table, name, key, value, timed, intervals, elements);
    }

    /** What makes it. The id only has to differ from those of the batch's other sets. */
    Request declare(Request request, int id) {
        request.text(1, table.name())
                .text(2, name)
                .be32(3, flags())
                .be32(4, Fields.type(key))
                .be32(5, length(key))
                .be32(10, id)
                .bytes(13, byteOrders());
        if (!value.isEmpty()) {
            request.be32(6, Fields.type(value)).be32(7, length(value));
        }
        if (most != 0) {
            request.nested(9, description -> description.be32(1, most));
        }
        return intervals ? request.nested(9, description -> description.nested(2, this::fieldLengths)) : request;
    }

    /** For nft, which else takes every lone field for big-endian: pairs of a type (key 0, value 1), a length, an order. */
    private byte[] byteOrders() {
        ByteBuffer orders = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        order(orders, 0, key);
        if (!value.isEmpty()) {
            order(orders, 1, value);
        }
        return Arrays.copyOf(orders.array(), orders.position());
    }

    private static void order(ByteBuffer orders, int whose, List<Kind> kinds) {
        boolean host = kinds.size() == 1 && kinds.get(0).hostOrder;
        orders.put((byte) whose).put((byte) Integer.BYTES).putInt(host ? HOST_ORDER : BIG_ENDIAN);
    }

    private int flags() {
        return (intervals ? INTERVAL | CONCAT : 0)
                | (value.isEmpty() ? 0 : MAP)
                | (timed ? TIMEOUT : 0)
                | (most == 0 ? 0 : EVALUATED);
    }

    /** A set of intervals that knows its fields can be told both ends of an element at once, so that each is atomic. */
    private void fieldLengths(Request request) {
        key.forEach(kind -> request.nested(1, field -> field.be32(1, kind.bytes)));
    }

    private static int length(List<Kind> kinds) {
        return kinds.size() == 1
                ? kinds.get(0).bytes
                : kinds.stream().mapToInt(kind -> Fields.padded(kind.bytes)).sum();
    }

    /** The bytes without the padding that a field alone doesn't have. */
    byte[] asKey(byte[] fields) {
        return fitted(fields, key, "key");
    }

    byte[] asValue(byte[] fields) {
        return fitted(fields, value, "value");
    }

    private byte[] fitted(byte[] fields, List<Kind> kinds, String what) {
        int padded = kinds.stream().mapToInt(kind -> Fields.padded(kind.bytes)).sum();
        if (fields.length != padded) {
            throw new IllegalArgumentException(
                    "a " + what + " of " + fields.length + " bytes for " + this + ", where it has " + padded);
        }
        return Arrays.copyOf(fields, length(kinds));
    }

    @Override
    public String toString() {
        return table + " " + name;
    }
}
