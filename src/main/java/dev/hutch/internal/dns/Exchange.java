// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One question that is put to servers over UDP. For {@link Upstream}'s thread, but for its answer. */
final class Exchange {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(2_000);
    private static final int ROUNDS = 2;

    private final Query query;
    private final List<InetSocketAddress> servers;
    private final CompletableFuture<byte[]> answer = new CompletableFuture<>();
    private @Nullable DatagramChannel channel;
    private int number;
    private int tries;
    private long sent;

    Exchange(Query query, List<InetSocketAddress> servers) {
        this.query = query;
        this.servers = List.copyOf(servers);
    }

    CompletableFuture<byte[]> answer() {
        return answer;
    }

    /** The next server is asked; a server that can't be asked counts as one that doesn't answer. */
    void send(Selector selector) {
        close();
        sent = System.nanoTime();
        InetSocketAddress server = servers.get(tries++ % servers.size());
        number = RANDOM.nextInt(0x10000);
        try {
            DatagramChannel its = DatagramChannel.open();
            channel = its;
            its.configureBlocking(false);
            its.connect(server);
            its.register(selector, SelectionKey.OP_READ, this);
            its.write(ByteBuffer.wrap(query.forServer(number)));
        } catch (IOException | RuntimeException e) {
            sent -= TRY_NANOS;
        }
    }

    /** What doesn't answer just this question may be forged, and is passed over. */
    void receive() {
        DatagramChannel its = channel;
        if (its == null) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocate(Query.EDNS_ROOM);
        try {
            its.read(buffer);
        } catch (IOException e) {
            // Nobody listens there (ICMP): the next one now, not when the time is up.
            sent -= TRY_NANOS;
            return;
        }
        byte[] message = new byte[buffer.flip().remaining()];
        buffer.get(message);
        if (query.isAskedBy(message, number)) {
            close();
            answer.complete(message);
        }
    }

    void retryIfLate(Selector selector) {
        while (!answer.isDone() && millisLeft(System.nanoTime()) == 0) {
            if (tries >= ROUNDS * servers.size()) {
                fail(new IOException("no server answers"));
            } else {
                send(selector);
            }
        }
    }

    long millisLeft(long now) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(sent + TRY_NANOS - now));
    }

    void fail(Exception why) {
        close();
        answer.completeExceptionally(why);
    }

    private void close() {
        DatagramChannel its = channel;
        channel = null;
        if (its != null) {
            try {
                its.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
