// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

/** What a container's first process does in its network namespace, before anything of the caller's runs there. */
public sealed interface Step {
    /** For error messages: what it is for. */
    String words();

    /**
     * Messages to netlink; netlink(7).
     *
     * @param protocol NETLINK_ROUTE, NETLINK_NETFILTER
     * @param messages one or more; only the last of them asks for an acknowledgement, so that the first answer is either
     *     the first error or the success of all
     */
    record Send(int protocol, byte[] messages, String words) implements Step {}

    /**
     * A socket in that namespace, for this JVM, which reaches the namespace through it without entering it; socket(2).
     * {@link Attachment#sockets} gets it.
     *
     * @param address struct sockaddr to bind; empty for none
     * @param listen whether it is to listen for connections
     */
    record Socket(int domain, int type, int protocol, byte[] address, boolean listen, String words) implements Step {}
}
