// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import java.net.InetAddress;

/** Messages about links, addresses and routes; rtnetlink(7). */
public final class Route {
    /** Headers' lengths: struct ifinfomsg, struct rtmsg. */
    public static final int LINK_HEADER = 16;

    public static final int ROUTE_HEADER = 12;

    /** IFLA_ attributes of answers. */
    public static final int LINK_ADDRESS = 1;

    public static final int LINK_NAME = 3;
    public static final int LINK_MTU = 4;
    public static final int LINK_PEER = 5;
    public static final int LINK_ALIAS = 20;

    /** RTA_ attributes of answers. */
    public static final int ROUTE_TO = 1;

    public static final int ROUTE_OUT = 4;

    /** Where a route's header says who made it, and what it says of a router's advertisement (RTPROT_RA). */
    public static final int ROUTE_PROTOCOL = 5;

    public static final int ADVERTISED = 9;

    /** Where it says of what kind it is, and the kind that leads to another host (RTN_UNICAST). */
    public static final int ROUTE_TYPE = 7;

    public static final int UNICAST = 1;

    private static final int NEWLINK = 16;
    private static final int DELLINK = 17;
    private static final int GETLINK = 18;
    private static final int NEWADDR = 20;
    private static final int NEWROUTE = 24;
    private static final int GETROUTE = 26;

    private static final int MASTER = 10;
    private static final int LINKINFO = 18;
    private static final int AF_SPEC = 26;
    private static final int NET_NS_FD = 28;
    private static final int TX_QUEUES = 31;
    private static final int RX_QUEUES = 32;
    private static final int INFO_KIND = 1;
    private static final int INFO_DATA = 2;
    private static final int INFO_SLAVE_KIND = 4;
    private static final int INFO_SLAVE_DATA = 5;
    private static final int VETH_PEER = 1;
    private static final int BRIDGE_MCAST_SNOOPING = 23;
    private static final int BRPORT_HAIRPIN = 4;
    private static final int BRPORT_ISOLATED = 33;
    private static final int ADDR_GEN_MODE = 8;
    private static final int ADDR_GEN_NONE = 1;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IFF_UP = 1;

    private static final int ADDRESS_ADDRESS = 1;
    private static final int ADDRESS_LOCAL = 2;
    private static final int ADDRESS_BROADCAST = 4;
    private static final int ADDRESS_FLAGS = 8;
    private static final int NO_DAD = 2;

    private static final int GATEWAY = 5;
    private static final int MAIN_TABLE = 254;
    private static final int STATIC = 4;

    private Route() {}

    /** An Ethernet bridge that is up. It floods multicast, so that it keeps no state about who listens. */
    public static Request newBridge(String name, byte[] mac, int mtu) {
        return link(NEWLINK, Request.CREATE | Request.EXCL, 0, IFF_UP)
                .text(LINK_NAME, name)
                .bytes(LINK_ADDRESS, mac)
                .u32(LINK_MTU, mtu)
                .nested(
                        LINKINFO,
                        info -> info.text(INFO_KIND, "bridge")
                                .nested(INFO_DATA, data -> data.u8(BRIDGE_MCAST_SNOOPING, 0)));
    }

    /**
     * Two ends of a cable, both down: one here, a port of a bridge; the other in another namespace. Neither can be up before
     * there is the other. Each has the one queue that veth uses without being told so: where nobody says how many, the kernel
     * makes one for each processor, takes them away again, and waits twice until no processor looks at them (veth_init_queues).
     *
     * @param netns a descriptor of that namespace
     */
    public static Request newVeth(String name, int bridge, int mtu, String inside, byte[] mac, int netns) {
        return link(NEWLINK, Request.CREATE | Request.EXCL, 0, 0)
                .text(LINK_NAME, name)
                .u32(LINK_MTU, mtu)
                .u32(TX_QUEUES, 1)
                .u32(RX_QUEUES, 1)
                .u32(MASTER, bridge)
                .nested(
                        LINKINFO,
                        info -> info.text(INFO_KIND, "veth")
                                .nested(
                                        INFO_DATA,
                                        data -> data.nested(
                                                VETH_PEER,
                                                peer -> linkHeader(peer, 0, 0)
                                                        .text(LINK_NAME, inside)
                                                        .u32(LINK_MTU, mtu)
                                                        .u32(TX_QUEUES, 1)
                                                        .u32(RX_QUEUES, 1)
                                                        .bytes(LINK_ADDRESS, mac)
                                                        .u32(NET_NS_FD, netns))));
    }

    /**
     * A bridge's port comes up, without an IPv6 address of its own: the host does not speak on it.
     *
     * @param isolated whether it reaches the bridge and ports that are not, but no other that is
     * @param hairpin whether what comes in by it may go out by it again
     */
    public static Request portUp(String name, boolean isolated, boolean hairpin) {
        return link(NEWLINK, 0, 0, IFF_UP)
                .text(LINK_NAME, name)
                .nested(
                        LINKINFO,
                        info -> info.text(INFO_SLAVE_KIND, "bridge")
                                .nested(
                                        INFO_SLAVE_DATA,
                                        data -> data.u8(BRPORT_HAIRPIN, hairpin ? 1 : 0)
                                                .u8(BRPORT_ISOLATED, isolated ? 1 : 0)))
                .nested(AF_SPEC, families -> families.nested(AF_INET6, of -> of.u8(ADDR_GEN_MODE, ADDR_GEN_NONE)));
    }

    public static Request up(int link) {
        return link(NEWLINK, 0, link, IFF_UP);
    }

    public static Request setAlias(int link, String alias) {
        return link(NEWLINK, 0, link, 0).bytes(LINK_ALIAS, alias.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    public static Request getLink(String name) {
        return link(GETLINK, 0, 0, 0).text(LINK_NAME, name);
    }

    public static Request getLink(int index) {
        return link(GETLINK, 0, index, 0);
    }

    public static Request getLinks() {
        return link(GETLINK, 0, 0, 0);
    }

    public static Request deleteLink(String name) {
        return link(DELLINK, 0, 0, 0).text(LINK_NAME, name);
    }

    /** An address that is used at once: nobody else is given it, so nobody is asked. */
    public static Request newAddress(int link, InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        Request request = Request.of(NEWADDR, Request.CREATE | Request.EXCL)
                .byteField(family(address))
                .byteField(prefix)
                .byteField(0)
                .byteField(0)
                .intField(link)
                .bytes(ADDRESS_LOCAL, bytes)
                .bytes(ADDRESS_ADDRESS, bytes);
        return bytes.length == 4
                ? request.bytes(ADDRESS_BROADCAST, broadcast(bytes, prefix))
                : request.u32(ADDRESS_FLAGS, NO_DAD);
    }

    private static byte[] broadcast(byte[] address, int prefix) {
        byte[] all = address.clone();
        for (int bit = prefix; bit < 32; bit++) {
            all[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return all;
    }

    public static Request defaultRoute(InetAddress gateway) {
        return route(NEWROUTE, Request.CREATE | Request.EXCL, family(gateway), MAIN_TABLE, STATIC, UNICAST)
                .bytes(GATEWAY, gateway.getAddress());
    }

    /** Of one family; the answers' headers have the length of the prefix as their second byte. */
    public static Request getRoutes(boolean ipv4) {
        return route(GETROUTE, 0, ipv4 ? AF_INET : AF_INET6, 0, 0, 0);
    }

    private static int family(InetAddress address) {
        return address.getAddress().length == 4 ? AF_INET : AF_INET6;
    }

    private static Request route(int type, int flags, int family, int table, int protocol, int kind) {
        Request request = Request.of(type, flags);
        for (int field : new int[] {family, 0, 0, 0, table, protocol, 0, kind}) {
            request.byteField(field);
        }
        return request.intField(0);
    }

    private static Request link(int type, int flags, int index, int up) {
        return linkHeader(Request.of(type, flags), index, up);
    }

    private static Request linkHeader(Request request, int index, int up) {
        return request.byteField(0)
                .byteField(0)
                .shortField(0)
                .intField(index)
                .intField(up)
                .intField(up);
    }
}
