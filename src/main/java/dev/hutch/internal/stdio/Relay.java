// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;

/**
 * Carries what two sandboxes say to each other, in the calling thread, until neither way is open any more: once both have
 * ended at the latest. Holds 64 KiB of each way at most, so one that reads slowly slows the other down. Owns the passages.
 */
public final class Relay implements AutoCloseable {
    /**
     * One of the two.
     *
     * @param meter of its output
     * @param container readable when it has ended
     */
    public record Party(Meter meter, int container) {}

    private final Kernel kernel;
    private final Passage there;
    private final Passage back;
    private final Party[] parties;
    private final boolean[] over = new boolean[2];

    /**
     * @param there what the first says
     * @param back what the second says
     */
    public Relay(Kernel kernel, Passage there, Passage back, Party first, Party second) {
        this.kernel = kernel;
        this.there = there;
        this.back = back;
        this.parties = new Party[] {first, second};
    }

    /** An interrupt ends it with InterruptedException; the containers go on. */
    public void run() throws IOException, InterruptedException {
        InterruptiblePoll poll = InterruptiblePoll.make(kernel);
        try {
            while (there.isOpen() || back.isOpen()) {
                int ready = there.isUrgent() || back.isUrgent() ? 0 : await(poll);
                serve(there, 0, ready);
                serve(back, 1, ready >> 1);
                noticeEnd(0, there, back, ready);
                noticeEnd(1, back, there, ready);
            }
        } finally {
            poll.dispose();
        }
    }

    private int await(InterruptiblePoll poll) throws IOException, InterruptedException {
        return poll.poll(
                (there.holds() ? 1 : 0) | (back.holds() ? 2 : 0),
                there.waitsFor(),
                back.waitsFor(),
                there.hangUp(),
                back.hangUp(),
                over[0] ? -1 : parties[0].container(),
                over[1] ? -1 : parties[1].container());
    }

    /** @param ready bit 0: it can move; bit 2: its listener reads no more */
    private void serve(Passage passage, int speaker, int ready) throws IOException {
        if ((ready & 4) != 0) {
            passage.close();
        } else if ((ready & 1) != 0 || passage.isUrgent()) {
            passage.advance(parties[speaker].meter());
        }
    }

    /** What it has said by now still arrives; nobody hears what is said to it. */
    private void noticeEnd(int party, Passage says, Passage hears, int ready) {
        if ((ready & 16 << party) != 0) {
            over[party] = true;
            says.speakerEnded();
            hears.close();
        }
    }

    @Override
    public void close() {
        there.close();
        back.close();
    }
}
