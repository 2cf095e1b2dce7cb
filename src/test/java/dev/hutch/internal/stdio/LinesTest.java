// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinesTest {
    private final List<String> heard = new ArrayList<>();
    private final Capture capture = new Capture(1 << 20);
    private final Lines lines = new Lines(capture, heard::add);

    private void write(String text, int portion) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; at += portion) {
            int n = Math.min(portion, bytes.length - at);
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024 + 7).put(0, bytes, at, n);
            lines.accept(buffer, n);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 60_000})
    void linesAreTheSameHoweverTheyAreRead(int portion) throws IOException {
        write("one\n\nzwölf €\r\n𝄞 no end", portion);
        lines.ended();

        assertThat(heard).containsExactly("one", "", "zwölf €", "𝄞 no end");
    }

    @Test
    void whatIsNotALineYetIsNotTold() throws IOException {
        write("one\ntwo", 100);

        assertThat(heard).containsExactly("one");
    }

    @Test
    void nothingIsNoLine() throws IOException {
        write("one\n", 100);
        lines.ended();

        assertThat(heard).containsExactly("one");
    }

    @Test
    void allOfItIsHandedOn() throws IOException {
        write("one\r\ntwo", 3);

        assertThat(capture.captured().bytes()).isEqualTo("one\r\ntwo".getBytes(StandardCharsets.UTF_8));
    }

    /** Three bytes a letter: the bound falls into the middle of one. */
    @Test
    void aLineWithoutEndComesInPiecesOfWholeLetters() throws IOException {
        String endless = "€".repeat(60_000);
        write(endless, 10_000);
        lines.ended();

        assertThat(String.join("", heard)).isEqualTo(endless);
        assertThat(heard)
                .hasSizeGreaterThan(2)
                .allSatisfy(piece ->
                        assertThat(piece.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(Lines.LONGEST));
    }

    @Test
    void bytesThatAreNoTextAreNeitherLostNorStuck() throws IOException {
        byte[] bytes = new byte[3 * Lines.LONGEST];
        java.util.Arrays.fill(bytes, (byte) 0x80);
        for (int at = 0; at < bytes.length; at += 1 << 16) {
            lines.accept(ByteBuffer.wrap(bytes, at, 1 << 16).slice(), 1 << 16);
        }
        lines.ended();

        assertThat(heard.stream().mapToInt(String::length).sum()).isEqualTo(bytes.length);
    }
}
