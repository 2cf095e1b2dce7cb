// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Request;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A rule being written: conditions, in order, then what happens. The fields of {@link #where} stand in the registers until
 * the next ones are loaded; what follows looks at them. One field is 16 registers of 4 bytes at most.
 */
public final class Rule {
    /** NFT_REG32_00: the first of sixteen registers of 4 bytes. */
    private static final int FIRST_REGISTER = 8;

    private static final int VERDICT_REGISTER = 0;
    private static final int ROOM = 64;

    /** enum nft_registers' verdicts and netfilter's own. */
    private static final int DROP = 0;

    private static final int ACCEPT = 1;
    private static final int JUMP = -3;
    private static final int RETURN = -5;

    /** enum nft_ct_keys. */
    private static final int CONNECTION_MARK = 3;

    /** NFT_CONNLIMIT_F_INV: the condition holds above the limit, not below. */
    private static final int CONNECTIONS_ABOVE = 1;

    private static final int ICMPX_UNREACHABLE = 2;
    private static final int TCP_RESET = 1;

    /** NFT_REJECT_ICMPX_*: said in ICMP or ICMPv6, as the packet is. */
    public static final int ADMIN_PROHIBITED = 3;

    private final List<Consumer<Request>> expressions = new ArrayList<>();
    private int loaded;

    /** Loads the fields, side by side as in a set's keys. */
    public Rule where(Load... fields) {
        loaded = 0;
        for (Load field : fields) {
            expression(field.expression, field.into(register(loaded)));
            loaded += Fields.padded(field.bytes);
        }
        if (loaded > ROOM) {
            throw new IllegalArgumentException(loaded + " bytes of fields: the registers have " + ROOM);
        }
        return this;
    }

    /** The field has this value; a shorter one is a prefix. */
    public Rule is(byte... value) {
        return compare(0, value);
    }

    public Rule isNot(byte... value) {
        return compare(1, value);
    }

    /** The field, a number of 4 bytes that the kernel made, has one of the bits. */
    public Rule hasAny(int bits) {
        return masked(host(bits)).compare(1, new byte[4]);
    }

    /** The same has none of them. */
    public Rule hasNone(int bits) {
        return masked(host(bits)).compare(0, new byte[4]);
    }

    /** The field begins with the prefix of so many bits. */
    public Rule within(byte[] address, int bits) {
        byte[] mask = new byte[address.length];
        byte[] network = new byte[address.length];
        for (int i = 0; i < address.length; i++) {
            mask[i] = (byte) (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));
            network[i] = (byte) (address[i] & mask[i]);
        }
        return masked(mask).compare(0, network);
    }

    /** The fields, together, are in the set. */
    public Rule in(NfSet set) {
        return lookup(set, request -> {});
    }

    public Rule notIn(NfSet set) {
        return lookup(set, it -> it.be32(5, 1));
    }

    /** The fields, together, are a key of the map, whose value takes their place. */
    public Rule mapped(NfSet map) {
        return lookup(map, it -> it.be32(3, FIRST_REGISTER));
    }

    /** The packet is IPv4. What looks at IPv4's own fields wants this before. */
    public Rule ipv4() {
        return where(Load.IP_VERSION).is((byte) 2);
    }

    public Rule ipv6() {
        return where(Load.IP_VERSION).is((byte) 10);
    }

    public Rule accept() {
        return verdict(ACCEPT);
    }

    public Rule drop() {
        return verdict(DROP);
    }

    /** Leaves the chain. */
    public Rule back() {
        return verdict(RETURN);
    }

    public Rule jump(String chain) {
        return immediate(it -> it.be32(1, JUMP).text(2, chain));
    }

    /** Tells the sender that it may not, at once. */
    public Rule reject() {
        return expression("reject", it -> it.be32(1, ICMPX_UNREACHABLE).u8(2, ADMIN_PROHIBITED));
    }

    /** Of TCP only. */
    public Rule reset() {
        return expression("reject", it -> it.be32(1, TCP_RESET).u8(2, 0));
    }

    /** Source address of whatever interface the packet leaves by. */
    public Rule masquerade() {
        return expression("masq", masq -> {});
    }

    /** To the address and port that {@link #mapped} has loaded. */
    public Rule dnat4() {
        return dnat(2, 4);
    }

    public Rule dnat6() {
        return dnat(10, 16);
    }

    /** Hands a copy to who listens to the group; nflog. */
    public Rule log(int group, String prefix, int bytes) {
        return expression("log", it -> it.be16(1, group).text(2, prefix).be32(3, bytes));
    }

    public Rule count() {
        return expression("counter", it -> it.be64(1, 0).be64(2, 0));
    }

    public Rule notTracked() {
        return expression("notrack", notrack -> {});
    }

    /** skb->priority, by which queueing disciplines choose; tc(8). */
    public Rule setPriority() {
        return setMeta(2);
    }

    public Rule setMark() {
        return setMeta(3);
    }

    /** A value in place of the fields. */
    public Rule load(byte... value) {
        return expression(
                "immediate", immediate -> immediate.be32(1, FIRST_REGISTER).nested(2, value(value)));
    }

    /** The connection's mark, of what is loaded: its later packets, and their answers, have it too. */
    public Rule setConnectionMark() {
        return expression("ct", ct -> ct.be32(2, CONNECTION_MARK).be32(4, FIRST_REGISTER));
    }

    /** Puts what is loaded into the set, with a counter of the packets and bytes; of a set that is {@link NfSet#ofAtMost}. */
    public Rule countIn(NfSet set) {
        return expression(
                "dynset",
                it -> it.text(1, set.name())
                        .be32(3, 1)
                        .be32(4, FIRST_REGISTER)
                        .nested(7, counter -> counter.text(1, "counter").nested(2, zeroes -> {})));
    }

    /**
     * Puts what is loaded into the set, where it counts those of the connections that this rule is asked of which the kernel
     * tracks and that are not closed yet: they are more than so many. It leaves the set with the last of them. The set is
     * {@link NfSet#ofAtMost}. The kernel needs nft_connlimit, else ENOENT; where it counts in timed sets only, EOPNOTSUPP.
     */
    public Rule hasMoreConnections(int than, NfSet set) {
        return expression(
                "dynset",
                it -> it.text(1, set.name())
                        .be32(3, 1)
                        .be32(4, FIRST_REGISTER)
                        .nested(
                                7,
                                limit -> limit.text(1, "connlimit")
                                        .nested(2, data -> data.be32(1, than).be32(2, CONNECTIONS_ABOVE))));
    }

    /** Puts what is loaded into the timed set, or makes its time start again. */
    public Rule remember(NfSet set, Duration time) {
        return expression(
                "dynset",
                it -> it.text(1, set.name()).be32(3, 1).be32(4, FIRST_REGISTER).be64(6, time.toMillis()));
    }

    /** The list of expressions, as attributes. */
    void write(Request request) {
        expressions.forEach(each -> each.accept(request));
    }

    private Rule dnat(int family, int addressBytes) {
        return expression(
                "nat",
                nat -> nat.be32(1, 1).be32(2, family).be32(3, FIRST_REGISTER).be32(5, register(addressBytes)));
    }

    private Rule setMeta(int key) {
        return expression("meta", meta -> meta.be32(2, key).be32(3, FIRST_REGISTER));
    }

    private Rule masked(byte[] mask) {
        return expression(
                "bitwise",
                bitwise -> bitwise.be32(1, FIRST_REGISTER)
                        .be32(2, FIRST_REGISTER)
                        .be32(3, mask.length)
                        .nested(4, value(mask))
                        .nested(5, value(new byte[mask.length])));
    }

    private Rule compare(int operator, byte[] value) {
        return expression(
                "cmp", cmp -> cmp.be32(1, FIRST_REGISTER).be32(2, operator).nested(3, value(value)));
    }

    private Rule lookup(NfSet set, Consumer<Request> more) {
        return expression(
                "lookup", lookup -> more.accept(lookup.text(1, set.name()).be32(2, FIRST_REGISTER)));
    }

    private Rule verdict(int code) {
        return immediate(verdict -> verdict.be32(1, code));
    }

    private Rule immediate(Consumer<Request> verdict) {
        return expression(
                "immediate",
                immediate -> immediate.be32(1, VERDICT_REGISTER).nested(2, data -> data.nested(2, verdict)));
    }

    private Rule expression(String name, Consumer<Request> data) {
        expressions.add(list -> list.nested(1, one -> one.text(1, name).nested(2, data)));
        return this;
    }

    /** Of whoever has a value: a key, a mask, what to compare with. */
    static Consumer<Request> value(byte[] bytes) {
        return data -> data.bytes(1, bytes);
    }

    private static byte[] host(int bits) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(bits)
                .array();
    }

    private static int register(int offset) {
        return FIRST_REGISTER + offset / 4;
    }
}
