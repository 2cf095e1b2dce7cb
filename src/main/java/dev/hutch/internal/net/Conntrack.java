// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.netlink.Answer;
import dev.hutch.internal.netlink.Attributes;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * The connections that the host's kernel remembers (conntrack). Those that a published port led to a container go with it: else
 * what comes by UDP from the same client would go on to an address that is nobody's, or somebody else's by now. Thread-safe.
 */
final class Conntrack {
    /** NFNL_SUBSYS_CTNETLINK; IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE. */
    private static final int SUBSYSTEM = 1;

    private static final int GET = 1;
    private static final int DELETE = 2;
    private static final int HEADER = 4;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int ORIGINAL = 1;
    private static final int REPLY = 2;
    private static final int ID = 12;
    private static final int ZONE = 18;
    private static final int FILTER = 25;
    private static final int FILTER_REPLY = 2;
    private static final int BY_SOURCE = 1;
    private static final int TUPLE_IP = 1;
    private static final int SOURCE4 = 1;
    private static final int SOURCE6 = 3;

    private final Kernel kernel;

    Conntrack(Kernel kernel) {
        this.kernel = kernel;
    }

    /** What was led to the address, before anybody else gets that. Where it fails, the kernel forgets it in its own time. */
    void forgetServedBy(InetAddress address) {
        // The one says what there is while the other deletes: nobody knows how much it is.
        try (NetlinkSocket all = NetlinkSocket.open(kernel, NetlinkSocket.NETFILTER);
                NetlinkSocket deleting = NetlinkSocket.open(kernel, NetlinkSocket.NETFILTER)) {
            all.each(answeredBy(address), "list", "connections", connection -> delete(deleting, connection));
        } catch (SandboxException e) {
            System.getLogger("dev.hutch")
                    .log(System.Logger.Level.WARNING, "connections to " + address + " are not forgotten", e);
        }
    }

    /** The kernel itself picks them out of its table, which may be large (Linux 5.8). */
    private static Request answeredBy(InetAddress address) {
        boolean four = address instanceof Inet4Address;
        return Request.netfilter(SUBSYSTEM, GET, 0, four ? AF_INET : AF_INET6)
                .nested(
                        REPLY,
                        tuple -> tuple.nested(TUPLE_IP, ip -> ip.bytes(four ? SOURCE4 : SOURCE6, address.getAddress())))
                .nested(FILTER, filter -> filter.u32(FILTER_REPLY, BY_SOURCE));
    }

    private static void delete(NetlinkSocket socket, Answer connection) throws SandboxException {
        Attributes known = connection.attributes(HEADER);
        Request request =
                Request.netfilter(SUBSYSTEM, DELETE, 0, connection.byteField(0)).bytes(ORIGINAL, known.bytes(ORIGINAL));
        for (int attribute : new int[] {ZONE, ID}) {
            if (known.has(attribute)) {
                request.bytes(attribute, known.bytes(attribute));
            }
        }
        try {
            socket.ask(request, "forget", "a connection of a sandbox that has ended");
        } catch (SandboxException e) {
            if (!NetlinkSocket.is(e, Errno.ENOENT)) {
                throw e;
            }
        }
    }
}
