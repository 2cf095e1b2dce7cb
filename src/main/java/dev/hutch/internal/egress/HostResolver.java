// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.dns.Query;
import dev.hutch.internal.dns.TcpServer;
import dev.hutch.internal.dns.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Asks from the host's network. */
final class HostResolver implements Resolver.Servers {
    private final Upstream upstream;
    private final Supplier<List<InetSocketAddress>> addresses;
    private final Executor streams;

    /** @param streams where answers over TCP are waited for */
    HostResolver(Upstream upstream, Supplier<List<InetSocketAddress>> addresses, Executor streams) {
        this.upstream = upstream;
        this.addresses = addresses;
        this.streams = streams;
    }

    /** A datagram is tried first in any case: nearly every answer fits into one. */
    @Override
    public CompletableFuture<byte[]> ask(Query query, boolean stream) {
        List<InetSocketAddress> servers = addresses.get();
        CompletableFuture<byte[]> datagram = upstream.ask(query, servers);
        return stream ? datagram.thenComposeAsync(answer -> whole(query, servers, answer), streams) : datagram;
    }

    private CompletableFuture<byte[]> whole(Query query, List<InetSocketAddress> servers, byte[] answer) {
        if ((answer[2] & 0x02) == 0) {
            return CompletableFuture.completedFuture(answer);
        }
        try {
            return CompletableFuture.completedFuture(TcpServer.ask(query, servers));
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
