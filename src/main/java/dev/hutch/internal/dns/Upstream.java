// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers, over UDP, many questions at a time on one daemon thread, which lives while there are any. Each try has a
 * socket of its own: its random port and number are what a forged answer would have to guess. Thread-safe.
 */
public final class Upstream implements AutoCloseable {
    private static final int MOST_AT_ONCE = 512;
    private static final long LINGER_MILLIS = 5_000;

    private final Queue<Exchange> fresh = new ArrayDeque<>();
    private final List<Exchange> open = new ArrayList<>();
    private @Nullable Selector selector;
    private int count;
    private boolean closed;

    /**
     * Asks the servers in turn until one answers, each twice at most.
     *
     * @return the answer as it came, to exactly this question; or fails: none came, or there are too many questions
     */
    public CompletableFuture<byte[]> ask(Query query, List<InetSocketAddress> servers) {
        Exchange exchange = new Exchange(query, servers);
        synchronized (this) {
            if (closed || count == MOST_AT_ONCE) {
                exchange.fail(new IOException(closed ? "closed" : "too many questions at once"));
                return exchange.answer();
            }
            try {
                start().wakeup();
                count++;
                fresh.add(exchange);
            } catch (IOException e) {
                exchange.fail(e);
            }
        }
        return exchange.answer();
    }

    private Selector start() throws IOException {
        Selector running = selector;
        if (running == null) {
            running = Selector.open();
            selector = running;
            Selector its = running;
            Thread thread = new Thread(() -> run(its), "hutch-dns-upstream");
            thread.setDaemon(true);
            thread.start();
        }
        return running;
    }

    private void run(Selector its) {
        try (its) {
            while (serve(its)) {
                // Until there is nothing left to wait for.
            }
        } catch (IOException | RuntimeException e) {
            stop(its, e);
        }
    }

    /** Whether to go on. */
    private boolean serve(Selector its) throws IOException {
        begin(its);
        long now = System.nanoTime();
        long wait = open.stream().mapToLong(each -> each.millisLeft(now)).min().orElse(LINGER_MILLIS);
        int ready = its.select(Math.max(1, wait));
        its.selectedKeys().forEach(key -> ((Exchange) key.attachment()).receive());
        its.selectedKeys().clear();
        open.forEach(each -> each.retryIfLate(its));
        int before = open.size();
        open.removeIf(each -> each.answer().isDone());
        return !end(its, before - open.size(), ready == 0 && before == 0);
    }

    private void begin(Selector its) {
        Exchange next = take();
        while (next != null) {
            open.add(next);
            next.send(its);
            next = take();
        }
    }

    private synchronized @Nullable Exchange take() {
        return fresh.poll();
    }

    /** Under the lock that a question is given under, so that none is given to a thread that ends. */
    private synchronized boolean end(Selector its, int done, boolean idle) {
        count -= done;
        boolean over = closed || (idle && fresh.isEmpty());
        if (over) {
            stop(its, new IOException("closed"));
        }
        return over;
    }

    private synchronized void stop(Selector its, Exception why) {
        if (selector == its) {
            selector = null;
        }
        fresh.forEach(each -> each.fail(why));
        open.forEach(each -> each.fail(why));
        fresh.clear();
        open.clear();
        count = 0;
    }

    /** Fails what is still asked. */
    @Override
    public synchronized void close() {
        closed = true;
        if (selector != null) {
            selector.wakeup();
        }
    }
}
