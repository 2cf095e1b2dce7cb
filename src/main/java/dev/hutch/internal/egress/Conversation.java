// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Questions over one TCP connection, one after the other, until who asks closes it, is too slow, or has had his time:
 * RFC 7766, with a bound. Blocks, on a thread that a few containers' connections share.
 */
final class Conversation {
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How soon it is seen that the container is gone. */
    private static final int ROUND_MILLIS = 50;

    private static final int READ = 0;
    private static final int WRITE = 1;

    private final Kernel kernel;
    private final int connection;
    private final Resolver resolver;
    private final BooleanSupplier over;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(2 + 0xffff);
    private final long start = System.nanoTime();

    Conversation(Kernel kernel, int connection, Resolver resolver, BooleanSupplier over) {
        this.kernel = kernel;
        this.connection = connection;
        this.resolver = resolver;
        this.over = over;
    }

    void run() throws KernelException {
        kernel.nonBlocking(connection, true);
        byte[] length = new byte[2];
        while (read(length)) {
            byte[] message = new byte[(length[0] & 0xff) << 8 | (length[1] & 0xff)];
            if (!read(message)) {
                return;
            }
            byte[] answer;
            try {
                answer = resolver.answer(message, true).join();
            } catch (CompletionException e) {
                return;
            }
            if (answer.length == 0 || !write(answer)) {
                return;
            }
        }
    }

    /** Whether all of it came. */
    private boolean read(byte[] into) throws KernelException {
        for (int done = 0; done < into.length; ) {
            int count = ready(READ) ? kernel.read(connection, buffer, into.length - done) : 0;
            if (count == 0) {
                return false;
            }
            if (count > 0) {
                buffer.get(0, into, done, count);
                done += count;
            }
        }
        return true;
    }

    private boolean write(byte[] answer) throws KernelException {
        buffer.putShort(0, (short) answer.length).put(2, answer);
        for (int done = 0; done < answer.length + 2; ) {
            if (!ready(WRITE)) {
                return false;
            }
            done += Math.max(0, kernel.write(connection, buffer, done, answer.length + 2 - done));
        }
        return true;
    }

    private boolean ready(int writable) throws KernelException {
        while (System.nanoTime() - start < MOST_NANOS && !over.getAsBoolean()) {
            if (kernel.poll(ROUND_MILLIS, writable, connection) != 0) {
                return true;
            }
        }
        return false;
    }
}
