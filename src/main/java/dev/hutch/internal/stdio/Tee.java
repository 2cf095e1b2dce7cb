// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.spec.Transcript;
import dev.hutch.spec.Transcript.Speaker;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Keeps what two say to each other, in order, up to a bound. Not thread-safe. */
public final class Tee {
    private final long bound;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final List<Integer> turns = new ArrayList<>();
    private Speaker last = Speaker.SECOND;
    private long total;

    public Tee(long bound) {
        this.bound = bound;
    }

    public Sink of(Speaker speaker) {
        return (buffer, length) -> {
            int room = (int) Math.min(length, bound - kept.size());
            total += length;
            if (room <= 0) {
                return;
            }
            if (speaker != last) {
                turns.add(kept.size());
                last = speaker;
            } else if (turns.isEmpty()) {
                // The second begins: the first has said nothing before.
                turns.add(0);
                turns.add(0);
            }
            byte[] bytes = new byte[room];
            buffer.get(0, bytes);
            kept.writeBytes(bytes);
        };
    }

    public Transcript transcript() {
        return new Transcript(kept.toByteArray(), turns, total);
    }
}
