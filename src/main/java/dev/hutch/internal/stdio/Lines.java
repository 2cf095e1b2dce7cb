// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Hands on what comes, and tells a listener of each line of it. A line without an end is cut into pieces, so that it
 * never fills the heap. Not thread-safe: one loop writes.
 */
public final class Lines implements Sink {
    static final int LONGEST = 64 * 1024;

    private final Sink next;
    private final Consumer<String> listener;
    private byte[] line = new byte[256];
    private int length;

    public Lines(Sink next, Consumer<String> listener) {
        this.next = next;
        this.listener = listener;
    }

    @Override
    public void accept(ByteBuffer buffer, int count) throws IOException {
        next.accept(buffer, count);
        for (int i = 0; i < count; i++) {
            byte b = buffer.get(i);
            if (b == '\n') {
                tell(length > 0 && line[length - 1] == '\r' ? length - 1 : length, length);
            } else {
                add(b);
            }
        }
    }

    private void add(byte b) {
        if (length == LONGEST) {
            int cut = wholeLetters();
            tell(cut, cut);
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = b;
    }

    /** Where the last letter begins: it may go on. */
    private int wholeLetters() {
        int cut = length - 1;
        while (cut > length - 4 && (line[cut] & 0xC0) == 0x80) {
            cut--;
        }
        return cut;
    }

    private void tell(int end, int consumed) {
        String text = new String(line, 0, end, StandardCharsets.UTF_8);
        length -= consumed;
        System.arraycopy(line, consumed, line, 0, length);
        listener.accept(text);
    }

    /** What came after the last line end is a line too. */
    public void ended() {
        if (length > 0) {
            tell(length, length);
        }
    }
}
