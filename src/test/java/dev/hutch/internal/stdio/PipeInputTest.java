// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Descriptor 7 is the pipe; 50 and 51 are a bell. */
@Timeout(30)
class PipeInputTest {
    private final Kernel kernel = mock(Kernel.class);
    private final CompletableFuture<Void> container = new CompletableFuture<>();

    @BeforeEach
    void bells() throws Exception {
        when(kernel.pipe()).thenReturn(new int[] {50, 51});
    }

    private PipeInput pipe() {
        return new PipeInput(kernel, 7, container, new Meter(Long.MAX_VALUE, () -> {}));
    }

    @Test
    void whatIsThereWhenTheContainerEndsIsReadAndThenTheEnd() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(Kernel.WOULD_BLOCK, 3, Kernel.WOULD_BLOCK);
        when(kernel.poll(-1, 0, 7, 50)).thenAnswer(call -> {
            container.complete(null);
            return 2;
        });

        try (PipeInput in = pipe()) {
            assertThat(in.readAllBytes()).hasSize(3);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void closingTwiceClosesEachDescriptorOnce() {
        PipeInput in = pipe();

        in.close();
        in.close();

        verify(kernel, times(1)).close(7);
        assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("Stream closed");
    }

    @Test
    void closeEndsAReadThatWaitsAndLeavesItsDescriptorsOpenUntilThen() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch rung = new CountDownLatch(1);
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(Kernel.WOULD_BLOCK);
        when(kernel.poll(-1, 0, 7, 50)).thenAnswer(call -> {
            waiting.countDown();
            rung.await();
            return 2;
        });
        PipeInput in = pipe();
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                return in.read();
            } catch (IOException e) {
                throw new IllegalStateException(e.getMessage());
            }
        });
        waiting.await();

        in.close();
        verify(kernel).close(51);
        verify(kernel, never()).close(7);
        rung.countDown();

        assertThatThrownBy(read::get).isInstanceOf(ExecutionException.class).hasMessageContaining("Stream closed");
        verify(kernel).close(7);
        verify(kernel).close(50);
    }

    @Test
    void aContainerThatHasEndedIsNotWaitedFor() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(2, Kernel.WOULD_BLOCK);
        PipeInput in = pipe();
        container.completeExceptionally(new IOException("lost"));

        assertThat(in.readAllBytes()).hasSize(2);
        in.close();
        verify(kernel, never()).poll(anyInt(), anyInt(), any(int[].class));
    }

    @Test
    void aTerminalThatNobodyHasOpenAnswersEioWhichIsItsEnd() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt()))
                .thenReturn(3)
                .thenThrow(new KernelException("read", "", Errno.EIO.number()));

        try (PipeInput in = pipe()) {
            assertThat(in.readAllBytes()).hasSize(3);
        }
    }

    @Test
    void anEmptiedPipeIsWaitedForBeforeItIsReadAgain() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(3);
        try (PipeInput in = pipe()) {
            assertThat(in.read(new byte[3])).isEqualTo(3);
            verify(kernel, never()).poll(anyInt(), anyInt(), any(int[].class));
            assertThat(in.read(new byte[3])).isEqualTo(3);
        }
        verify(kernel, times(1)).poll(-1, 0, 7, 50);
        verify(kernel, times(2)).read(anyInt(), any(), anyInt());
    }

    @Test
    void availableTellsOfWhatIsInThePipeAndDoesNotWait() throws Exception {
        when(kernel.read(anyInt(), any(), anyInt())).thenReturn(Kernel.WOULD_BLOCK, 5);

        try (PipeInput in = pipe()) {
            assertThat(in.available()).isZero();
            assertThat(in.available()).isEqualTo(5);
            assertThat(in.available()).isEqualTo(5);
        }
        verify(kernel, never()).poll(anyInt(), anyInt(), any(int[].class));
    }
}
