// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.spec.SandboxException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;

/** The connections that the kernel tracks for this JVM's network namespace; linux/netfilter/nfnetlink_conntrack.h. */
public final class Tracked {
    private static final int SUBSYSTEM = 1;
    private static final int GET = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int ORIGINAL = 1;
    private static final int FILTER = 25;
    private static final int FILTER_ORIGINAL = 1;
    private static final int BY_SOURCE = 1;
    private static final int TUPLE_IP = 1;
    private static final int SOURCE4 = 1;
    private static final int SOURCE6 = 3;

    private Tracked() {}

    /** How many of them these addresses began. */
    public static int begunBy(String... addresses) throws SandboxException, UnknownHostException {
        AtomicInteger count = new AtomicInteger();
        try (NetlinkSocket socket = NetlinkSocket.open(JniKernel.load(), NetlinkSocket.NETFILTER)) {
            for (String address : addresses) {
                socket.each(
                        begunBy(InetAddress.getByName(address)),
                        "list",
                        "connections",
                        each -> count.incrementAndGet());
            }
        }
        return count.get();
    }

    private static Request begunBy(InetAddress address) {
        boolean four = address instanceof Inet4Address;
        return Request.netfilter(SUBSYSTEM, GET, 0, four ? AF_INET : AF_INET6)
                .nested(
                        ORIGINAL,
                        tuple -> tuple.nested(TUPLE_IP, ip -> ip.bytes(four ? SOURCE4 : SOURCE6, address.getAddress())))
                .nested(FILTER, filter -> filter.u32(FILTER_ORIGINAL, BY_SOURCE));
    }
}
