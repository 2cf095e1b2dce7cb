// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Captured;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Held against the simple way: keep everything, then cut. */
class CaptureTest {
    private final Random random = new Random(4711);

    private static byte[] expected(byte[] all, int bound) {
        int half = bound / 2;
        if (all.length <= 2 * half) {
            return all;
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        kept.write(all, 0, half);
        kept.write(all, all.length - half, half);
        return kept.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 64, 1000, 1 << 16})
    void itKeepsTheBeginningAndTheEndOfWhateverComesInWhateverPieces(int bound) {
        for (int round = 0; round < 200; round++) {
            byte[] all = new byte[random.nextInt(4 * bound)];
            random.nextBytes(all);
            Capture capture = new Capture(bound);
            for (int at = 0; at < all.length; ) {
                int piece = Math.min(all.length - at, 1 + random.nextInt(2 * bound));
                capture.accept(ByteBuffer.allocateDirect(piece).put(0, all, at, piece), piece);
                at += piece;
            }

            assertThat(capture.captured().bytes())
                    .as("%d bytes within %d", all.length, bound)
                    .isEqualTo(expected(all, bound));
            assertThat(capture.captured().total()).isEqualTo(all.length);
        }
    }

    @Test
    void theTextSaysHowMuchIsMissingAndWhere() {
        Capture capture = new Capture(4);
        ByteBuffer letters = ByteBuffer.allocateDirect(4).put(0, new byte[] {'a', 'b', 'c', 'd'});
        capture.accept(letters, 4);
        assertThat(capture.captured().text()).isEqualTo("abcd");

        capture.accept(letters, 4);

        assertThat(capture.captured().text()).isEqualTo("ab\n[… 4 bytes left out …]\ncd");
        assertThat(new Captured(new byte[0], 9).text()).as("went elsewhere").isEmpty();
    }

    @Test
    void whatWasCapturedDoesNotChangeWithWhatComesLater() {
        Capture capture = new Capture(10);
        ByteBuffer letters = ByteBuffer.allocateDirect(4).put(0, new byte[] {'a', 'b', 'c', 'd'});
        capture.accept(letters, 4);
        byte[] before = capture.captured().bytes();
        byte[] copy = Arrays.copyOf(before, before.length);

        for (int i = 0; i < 10; i++) {
            capture.accept(letters, 4);
        }

        assertThat(before).isEqualTo(copy);
    }
}
