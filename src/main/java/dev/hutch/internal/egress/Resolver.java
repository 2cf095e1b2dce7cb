// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.dns.MalformedException;
import dev.hutch.internal.dns.Query;
import dev.hutch.internal.dns.Reply;
import dev.hutch.spec.AddressRange;
import dev.hutch.spec.SandboxException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Answers one container's questions: names of its own network, then what the host's servers say; with an egress list, only
 * of what that has. Thread-safe.
 */
final class Resolver {
    /** For names of containers: they come and go. */
    private static final int SHORT = 5;

    private static final List<InetAddress> LOOPBACK = List.of(address("127.0.0.1"), address("::1"));

    private static final int NULL = 10;
    private static final int SVCB = 64;
    private static final int HTTPS = 65;

    /** What no forwarder has to know: transfers, and ANY (RFC 8482). */
    private static final Set<Integer> UNKNOWN = Set.of(251, 252, 255);

    private final Neighbours neighbours;
    private final Servers servers;
    private final @Nullable Gate gate;

    /**
     * @param neighbours addresses of a container of the same network, by its name
     * @param gate null where every name may be looked up
     */
    Resolver(Neighbours neighbours, Servers servers, @Nullable Gate gate) {
        this.neighbours = neighbours;
        this.servers = servers;
        this.gate = gate;
    }

    /** Who knows the containers of the network. */
    interface Neighbours {
        /** The addresses of those with that name; none where there is no such one. */
        List<InetAddress> named(String name) throws SandboxException;
    }

    /** Who knows the rest of the world. */
    interface Servers {
        /** The answer as it came, to exactly this question. */
        CompletableFuture<byte[]> ask(Query query, boolean stream);
    }

    /**
     * The answer, never exceptionally; empty where none is due.
     *
     * @param stream whether it may be as long as it likes: TCP
     */
    CompletableFuture<byte[]> answer(byte[] message, boolean stream) {
        Query query;
        try {
            query = Query.parse(message);
        } catch (MalformedException e) {
            return CompletableFuture.completedFuture(Query.refusal(message, Query.FORMAT_ERROR));
        }
        return CompletableFuture.completedFuture(query)
                .thenCompose(asked -> answer(asked, stream))
                .exceptionally(e -> query.error(Query.SERVER_FAILURE))
                .thenApply(answer -> stream ? answer : query.fitted(answer));
    }

    private CompletableFuture<byte[]> answer(Query query, boolean stream) {
        String name = query.name();
        if (name.equals("localhost") || name.endsWith(".localhost")) {
            return CompletableFuture.completedFuture(query.addresses(LOOPBACK, SHORT));
        }
        if (UNKNOWN.contains(query.type())) {
            return CompletableFuture.completedFuture(query.error(Query.NOT_IMPLEMENTED));
        }
        if (gate == null) {
            List<InetAddress> near = near(name);
            return near.isEmpty()
                    ? servers.ask(query, stream).thenApply(query::relayed)
                    : CompletableFuture.completedFuture(query.addresses(near, SHORT));
        }
        return gate.admits(name)
                .thenCompose(word -> word == Gate.Word.YES
                        ? admitted(gate, query, stream)
                        : CompletableFuture.completedFuture(refused(gate, query, word)));
    }

    private static InetAddress address(String literal) {
        return Objects.requireNonNull(AddressRange.parse(literal)).first();
    }

    private List<InetAddress> near(String name) {
        try {
            return name.isEmpty() ? List.of() : neighbours.named(name);
        } catch (SandboxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is never allowed is as if it were not there; what may be allowed yet, a failure of the moment. */
    private static byte[] refused(Gate gate, Query query, Gate.Word word) {
        gate.refuseName(query.name());
        return query.prohibited(word == Gate.Word.LATER ? Query.REFUSED : Query.NO_SUCH_NAME);
    }

    /** The kernel lets packets through before anybody inside knows where to send them. */
    private CompletableFuture<byte[]> admitted(Gate open, Query query, boolean stream) {
        List<InetAddress> near = near(query.name());
        if (!near.isEmpty()) {
            return CompletableFuture.completedFuture(
                    opened(open, query, near, SHORT, true)
                            ? query.addresses(near, SHORT)
                            : query.prohibited(Query.NO_SUCH_NAME));
        }
        if (query.type() == SVCB || query.type() == HTTPS || query.type() == NULL) {
            // Their addresses come as hints, which the walls would not know of: clients go on with A and AAAA.
            return CompletableFuture.completedFuture(query.error(Query.NO_ERROR));
        }
        return servers.ask(query, stream).thenApply(answer -> checked(open, query, answer));
    }

    private static byte[] checked(Gate open, Query query, byte[] answer) {
        Reply reply;
        try {
            reply = Reply.parse(answer, query);
        } catch (MalformedException e) {
            return query.error(Query.SERVER_FAILURE);
        }
        if (reply.truncated()) {
            return query.overTcp();
        }
        if (opened(open, query, reply.addresses(), reply.timeToLive(), false)) {
            return query.relayed(answer);
        }
        return query.prohibited(Query.NO_SUCH_NAME);
    }

    private static boolean opened(Gate open, Query query, List<InetAddress> addresses, int lives, boolean trusted) {
        try {
            return open.open(query.name(), addresses, lives, trusted);
        } catch (SandboxException e) {
            throw new IllegalStateException(e);
        }
    }
}
