// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The sockets inside one container on which its questions come, and their answers leave. How many it may have open is
 * bounded, so that no container takes the others' share. Thread-safe; reads are its {@link Station}'s.
 */
final class Questions {
    private static final int MOST_OPEN = 64;
    private static final int MOST_IN_A_ROUND = 32;
    private static final int MOST_STREAMS = 2;
    private static final int SOCKADDR_IN = 16;

    private final Kernel kernel;
    private final int datagrams;
    private final int listener;
    private final Resolver resolver;
    private final Executor streams;
    private final ByteBuffer out = ByteBuffer.allocateDirect(Kernel.ADDRESS_ROOM + 1_500);
    private int open;
    private int streamCount;
    private boolean closed;

    /**
     * @param datagrams non-blocking, as is the listener; both are closed with this
     * @param streams where connections are served
     */
    Questions(Kernel kernel, int datagrams, int listener, Resolver resolver, Executor streams) {
        this.kernel = kernel;
        this.datagrams = datagrams;
        this.listener = listener;
        this.resolver = resolver;
        this.streams = streams;
    }

    int datagrams() {
        return datagrams;
    }

    int listener() {
        return listener;
    }

    /** Takes what has come, but no more than others can wait for. */
    void readDatagrams(ByteBuffer in) throws KernelException {
        for (int i = 0; i < MOST_IN_A_ROUND; i++) {
            int length = kernel.receiveFrom(datagrams, in);
            if (length < 0) {
                return;
            }
            byte[] from = new byte[SOCKADDR_IN];
            byte[] message = new byte[length];
            in.get(0, from);
            in.get(Kernel.ADDRESS_ROOM, message);
            if (enter()) {
                resolver.answer(message, false).thenAccept(answer -> send(from, answer));
            }
        }
    }

    /** Whether one more question may be open; it is dropped else, and its client asks again. */
    private synchronized boolean enter() {
        boolean may = open < MOST_OPEN;
        open += may ? 1 : 0;
        return may;
    }

    private synchronized void send(byte[] to, byte[] answer) {
        open--;
        if (closed || answer.length == 0 || answer.length > out.capacity() - Kernel.ADDRESS_ROOM) {
            return;
        }
        out.put(0, to).put(Kernel.ADDRESS_ROOM, answer);
        try {
            kernel.sendTo(datagrams, out, SOCKADDR_IN, answer.length);
        } catch (KernelException e) {
            log(e);
        }
    }

    void accept() throws KernelException {
        int connection = kernel.accept(listener);
        if (connection < 0) {
            return;
        }
        boolean served = false;
        try {
            if (enterStream()) {
                served = true;
                streams.execute(() -> serve(connection));
            }
        } catch (RejectedExecutionException e) {
            served = false;
            leaveStream();
        } finally {
            if (!served) {
                kernel.close(connection);
            }
        }
    }

    private void serve(int connection) {
        try {
            new Conversation(kernel, connection, resolver, this::isClosed).run();
        } catch (KernelException e) {
            log(e);
        } finally {
            kernel.close(connection);
            leaveStream();
        }
    }

    private synchronized boolean enterStream() {
        boolean may = streamCount < MOST_STREAMS && !closed;
        streamCount += may ? 1 : 0;
        return may;
    }

    private synchronized void leaveStream() {
        streamCount--;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Nothing reads any more; a late answer finds it closed. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            Arrays.stream(new int[] {datagrams, listener}).forEach(kernel::close);
        }
    }

    private static void log(KernelException e) {
        System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "an answer to a sandbox's question", e);
    }
}
