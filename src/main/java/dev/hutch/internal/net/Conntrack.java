// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.netlink.Answer;
import dev.hutch.internal.netlink.Attributes;
import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The connections that the host's kernel remembers (conntrack). Those of an ended container nobody closes any more: TCP's
 * would stay for five days, and what comes by UDP to a published port would go on to an address that is nobody's, or somebody
 * else's by now. The table is walked seldom, for all that have ended since. Thread-safe.
 */
final class Conntrack {
    private static final long SELDOM_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** NFNL_SUBSYS_CTNETLINK; IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE. */
    private static final int GET = 1 << 8 | 1;

    private static final int DELETE = 1 << 8 | 2;
    private static final int HEADER = 4;
    private static final Errno EINVAL = new Errno(22);
    private static final Errno EOPNOTSUPP = new Errno(95);

    private static final int ORIGINAL = 1;
    private static final int REPLY = 2;
    private static final int ID = 12;
    private static final int ZONE = 18;
    private static final int TUPLE_IP = 1;
    private static final int SOURCE4 = 1;
    private static final int SOURCE6 = 3;

    private final Kernel kernel;
    private final Set<InetAddress> ended = new HashSet<>();
    private long walked = System.nanoTime() - SELDOM_NANOS;

    Conntrack(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * A container with these addresses has ended.
     *
     * @param now whether its connections are forgotten at once: where others would go on to use them
     */
    synchronized void forget(Iterable<InetAddress> addresses, boolean now) throws SandboxException {
        addresses.forEach(ended::add);
        if (now || System.nanoTime() - walked >= SELDOM_NANOS) {
            flush();
        }
    }

    /** Forgets now what is left to forget. */
    synchronized void flush() throws SandboxException {
        if (ended.isEmpty()) {
            return;
        }
        walked = System.nanoTime();
        try {
            walk();
        } catch (SandboxException e) {
            // A kernel without ctnetlink answers so, and forgets them in its own time.
            if (!NetlinkSocket.is(e, EINVAL) && !NetlinkSocket.is(e, EOPNOTSUPP)) {
                throw e;
            }
        }
        ended.clear();
    }

    private void walk() throws SandboxException {
        // The one says what there is while the other deletes: nobody knows how much it is.
        try (NetlinkSocket all = NetlinkSocket.open(kernel, NetlinkSocket.NETFILTER);
                NetlinkSocket deleting = NetlinkSocket.open(kernel, NetlinkSocket.NETFILTER)) {
            all.each(message(GET, 0), "list", "connections", connection -> {
                if (isOver(connection.attributes(HEADER))) {
                    delete(deleting, connection);
                }
            });
        }
    }

    /** It came from there, or was led there. */
    private boolean isOver(Attributes connection) throws SandboxException {
        return isOf(connection, ORIGINAL) || isOf(connection, REPLY);
    }

    private boolean isOf(Attributes connection, int direction) throws SandboxException {
        if (!connection.has(direction)) {
            return false;
        }
        Attributes addresses = connection.nested(direction).nested(TUPLE_IP);
        int source = addresses.has(SOURCE4) ? SOURCE4 : SOURCE6;
        try {
            return addresses.has(source) && ended.contains(InetAddress.getByAddress(addresses.bytes(source)));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static void delete(NetlinkSocket socket, Answer connection) throws SandboxException {
        Attributes known = connection.attributes(HEADER);
        Request request = message(DELETE, connection.byteField(0)).bytes(ORIGINAL, known.bytes(ORIGINAL));
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

    /** With struct nfgenmsg. */
    private static Request message(int type, int family) {
        return Request.of(type, 0).byteField(family).byteField(0).shortField(0);
    }
}
