// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.internal.netlink.NetlinkSocket;
import dev.hutch.internal.netlink.Request;
import dev.hutch.internal.netlink.TrafficControl;
import java.util.List;

/**
 * How fast a container may send, kept at its own end of the cable: on the host's end it would have to be thrown away, where
 * here it waits. The programs inside have no right to change it.
 *
 * @param link the number of that end in its namespace
 * @param bytes a second
 */
record RateLimit(int link, long bytes) implements Attachment {
    @Override
    public List<Step> steps() {
        Request bucket = TrafficControl.limit(link, bytes).with(Request.ACK);
        return List.of(new Step.Send(NetlinkSocket.ROUTE, bucket.message(0), "rate of eth0"));
    }
}
