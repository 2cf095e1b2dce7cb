// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.spec.Captured;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Keeps what is written up to a bound: the first half, and of all the rest the last half, so that a flood never fills the
 * heap. Not thread-safe: one loop writes, and reads after its end.
 */
public final class Capture implements Sink {
    private final int half;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream(256);
    private byte[] tail = new byte[0];
    private long total;

    /** @param bound most bytes that are kept, 2 or more */
    public Capture(long bound) {
        this.half = (int) Math.min(bound / 2, Integer.MAX_VALUE / 4);
    }

    @Override
    public void accept(ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(0, bytes);
        int toHead = Math.min(length, half - head.size());
        head.write(bytes, 0, toHead);
        total += toHead;
        if (toHead < length) {
            keepTail(bytes, toHead);
        }
    }

    /** A ring: position {@code (total - half) % half} is next. Grown as it fills, so that small outputs stay small. */
    private void keepTail(byte[] bytes, int from) {
        for (int at = from; at < bytes.length; ) {
            int next = (int) ((total - half) % half);
            int room = Math.min(bytes.length - at, half - next);
            if (next + room > tail.length) {
                tail = java.util.Arrays.copyOf(tail, Math.min(half, Math.max(next + room, 2 * tail.length)));
            }
            System.arraycopy(bytes, at, tail, next, room);
            at += room;
            total += room;
        }
    }

    public Captured captured() {
        long inTail = Math.min(total - head.size(), half);
        byte[] kept = java.util.Arrays.copyOf(head.toByteArray(), (int) (head.size() + inTail));
        boolean wrapped = total - head.size() > half;
        int start = wrapped ? (int) ((total - half) % half) : 0;
        for (int i = 0; i < inTail; i++) {
            kept[head.size() + i] = tail[(start + i) % half];
        }
        return new Captured(kept, total);
    }
}
