// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.nftables;

import dev.hutch.internal.netlink.Request;
import java.util.function.Consumer;

/** A field that rules look at: the expression that puts it into registers, and how long it is. Immutable. */
public final class Load {
    /** linux/netfilter/nf_tables.h, enum nft_payload_bases. */
    private static final int LINK = 0;

    private static final int NETWORK = 1;
    private static final int TRANSPORT = 2;

    /** Name of the interface that the packet came in by; in a bridge chain, the port. */
    public static final Load INTERFACE_IN = meta(6, 16);

    public static final Load INTERFACE_OUT = meta(7, 16);

    /** 2 for IPv4, 10 for IPv6. */
    public static final Load IP_VERSION = meta(15, 1);

    /** ICMP, TCP, UDP …, behind whatever extension headers. */
    public static final Load PROTOCOL = meta(16, 1);

    public static final Load SOURCE4 = payload(NETWORK, 12, 4);
    public static final Load DESTINATION4 = payload(NETWORK, 16, 4);
    public static final Load SOURCE6 = payload(NETWORK, 8, 16);
    public static final Load DESTINATION6 = payload(NETWORK, 24, 16);

    /** Of TCP, UDP and the like. */
    public static final Load DESTINATION_PORT = payload(TRANSPORT, 2, 2);

    public static final Load SOURCE_PORT = payload(TRANSPORT, 0, 2);
    public static final Load ICMP_TYPE = payload(TRANSPORT, 0, 1);

    /** Of an ICMPv6 neighbour advertisement. */
    public static final Load ADVERTISED = payload(TRANSPORT, 8, 16);

    public static final Load ETHER_SOURCE = payload(LINK, 6, 6);
    public static final Load ETHER_TYPE = payload(LINK, 12, 2);
    public static final Load ARP_SENDER_ETHER = payload(NETWORK, 8, 6);
    public static final Load ARP_SENDER4 = payload(NETWORK, 14, 4);

    /** Bits: {@link #INVALID} and following. */
    public static final Load CONNECTION_STATE = connection(0, 4);

    public static final int INVALID = 1;
    public static final int ESTABLISHED = 2;
    public static final int RELATED = 4;

    /** Bits: {@link #CONFIRMED} and following. What has no connection meets no condition of it. */
    public static final Load CONNECTION_STATUS = connection(2, 4);

    /** The kernel remembers it: some packet of it has gone all its way. */
    public static final int CONFIRMED = 1 << 3;

    public static final int DNAT = 1 << 5;

    /** 0 for a packet of who began the connection, 1 for an answer. */
    public static final Load CONNECTION_DIRECTION = connection(1, 1);

    public static final Load CONNECTION_MARK = connection(3, 4);

    /** What the packet's destination is to the host: {@link #LOCAL}, one of its own addresses. fib, address type. */
    public static final Load DESTINATION_KIND =
            new Load("fib", 4, request -> request.be32(2, 3).be32(3, 2));

    public static final int LOCAL = 2;

    final String expression;
    final int bytes;
    private final Consumer<Request> what;

    private Load(String expression, int bytes, Consumer<Request> what) {
        this.expression = expression;
        this.what = what;
        this.bytes = bytes;
    }

    /** The expression's attributes; all of these have the register as their first. */
    Consumer<Request> into(int register) {
        return request -> what.accept(request.be32(1, register));
    }

    /** What the kernel knows of the packet; enum nft_meta_keys. */
    private static Load meta(int key, int bytes) {
        return new Load("meta", bytes, request -> request.be32(2, key));
    }

    /** What connection tracking knows; enum nft_ct_keys. */
    private static Load connection(int key, int bytes) {
        return new Load("ct", bytes, request -> request.be32(2, key));
    }

    /** Bytes of the packet itself. */
    private static Load payload(int base, int offset, int bytes) {
        return new Load(
                "payload",
                bytes,
                request -> request.be32(2, base).be32(3, offset).be32(4, bytes));
    }
}
