// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.mockito.InOrder;

/** Descriptor 7 is the sandbox's pipe, 9 the source. */
class FeedTest {
    private final Kernel kernel = mock(Kernel.class);

    @Test
    void bytesThatThePipeHasNoRoomForAreWrittenLaterInTheirOrder() throws Exception {
        when(kernel.write(anyInt(), any(), anyInt(), anyInt())).thenReturn(4, Kernel.WOULD_BLOCK, 6);

        Feed feed = Feed.of(kernel, 7, new byte[10]);
        assertThat(feed.waitsFor()).isEqualTo(7);
        assertThat(feed.waitsToWrite()).isTrue();
        feed.advance();
        feed.advance();
        verify(kernel, never()).close(7);
        feed.advance();

        InOrder calls = inOrder(kernel);
        calls.verify(kernel).write(ArgumentMatchers.eq(7), any(), ArgumentMatchers.eq(0), ArgumentMatchers.eq(10));
        calls.verify(kernel, times(2))
                .write(ArgumentMatchers.eq(7), any(), ArgumentMatchers.eq(4), ArgumentMatchers.eq(6));
        calls.verify(kernel).close(7);
        assertThat(feed.waitsFor()).isEqualTo(-1);
    }

    @Test
    void aSandboxThatClosedItsInputTakesNoMoreAndThatIsNoFailure() throws Exception {
        when(kernel.write(anyInt(), any(), anyInt(), anyInt()))
                .thenThrow(new KernelException("write", "", Errno.EPIPE.number()));

        Feed feed = Feed.of(kernel, 7, new byte[10]);
        feed.advance();
        feed.close();

        verify(kernel, times(1)).close(7);
        assertThat(feed.waitsFor()).isEqualTo(-1);
    }

    @Test
    void theSourcesEndIsTheInputsEnd() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(3, Kernel.WOULD_BLOCK, 0);
        when(kernel.write(anyInt(), any(), anyInt(), anyInt())).thenReturn(3);

        Feed feed = Feed.from(kernel, 7, 9);
        assertThat(feed.waitsFor()).isEqualTo(9);
        assertThat(feed.waitsToWrite()).isFalse();
        feed.advance();
        feed.advance();
        verify(kernel, never()).close(7);
        feed.advance();

        verify(kernel).close(7);
        verify(kernel, never()).close(9);
    }

    @Test
    void theEndOfATerminalsInputIsTypedTwiceWithinALine() throws Exception {
        assertThat(typed("")).containsExactly(4);
        assertThat(typed("a\n")).containsExactly('a', '\n', 4);
        assertThat(typed("a")).containsExactly('a', 4, 4);
    }

    private static byte[] typed(String text) throws Exception {
        Kernel kernel = mock(Kernel.class);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        when(kernel.write(anyInt(), any(), anyInt(), anyInt())).thenAnswer(call -> {
            ByteBuffer buffer = call.getArgument(1);
            byte[] bytes = new byte[call.<Integer>getArgument(3)];
            buffer.get(call.getArgument(2), bytes);
            written.writeBytes(bytes);
            return bytes.length;
        });
        Feed.ofTyped(kernel, 7, text.getBytes(StandardCharsets.US_ASCII)).advance();
        return written.toByteArray();
    }
}
