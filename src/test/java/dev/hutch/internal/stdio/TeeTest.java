// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Transcript;
import dev.hutch.spec.Transcript.Speaker;
import dev.hutch.spec.Transcript.Turn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TeeTest {
    private final Tee tee = new Tee(10);

    private void say(Speaker speaker, String words) throws IOException {
        byte[] bytes = words.getBytes(StandardCharsets.UTF_8);
        tee.of(speaker).accept(ByteBuffer.wrap(bytes), bytes.length);
    }

    @Test
    void nothingSaidIsNoTurn() {
        assertThat(tee.transcript()).isEqualTo(Transcript.NONE).hasToString("");
        assertThat(tee.transcript().turns()).isEmpty();
    }

    @Test
    void whatOneSaysBeforeTheOtherDoesIsOneTurn() throws Exception {
        say(Speaker.FIRST, "a");
        say(Speaker.FIRST, "b\n");
        say(Speaker.SECOND, "c\nd");

        assertThat(tee.transcript().turns())
                .containsExactly(new Turn(Speaker.FIRST, "ab\n"), new Turn(Speaker.SECOND, "c\nd"));
        assertThat(tee.transcript()).hasToString("> ab\n< c\n< d");
    }

    @Test
    void theSecondMayBegin() throws Exception {
        say(Speaker.SECOND, "c");
        say(Speaker.SECOND, "d");
        say(Speaker.FIRST, "a");

        assertThat(tee.transcript().turns())
                .containsExactly(new Turn(Speaker.SECOND, "cd"), new Turn(Speaker.FIRST, "a"));
    }

    @Test
    void whatIsBeyondTheBoundIsOnlyCounted() throws Exception {
        say(Speaker.FIRST, "12345678");
        say(Speaker.SECOND, "abc");
        say(Speaker.FIRST, "9");

        Transcript transcript = tee.transcript();
        assertThat(transcript.turns())
                .containsExactly(new Turn(Speaker.FIRST, "12345678"), new Turn(Speaker.SECOND, "ab"));
        assertThat(transcript.total()).isEqualTo(12);
        assertThat(transcript.truncated()).isTrue();
    }

    @Test
    void turnsLieWithinWhatWasKeptInOrder() {
        assertThatThrownBy(() -> new Transcript(new byte[2], List.of(0, 3), 2)).hasMessageContaining("turn is 3");
        assertThatThrownBy(() -> new Transcript(new byte[2], List.of(0, 2, 1), 2))
                .hasMessageContaining("turn is 1");
        assertThatThrownBy(() -> new Transcript(new byte[2], List.of(1), 2)).hasMessageContaining("turn is 1");
        assertThatThrownBy(() -> new Transcript(new byte[2], List.of(0), 1)).hasMessageContaining("total");
    }
}
