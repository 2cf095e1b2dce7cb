// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop over real pipes, with the test in the sandbox's place. */
@Timeout(30)
class StreamLoopTest {
    private static final int OUT = 0;
    private static final int ERR = 1;
    private static final int END = 2;
    private static final int IN = 3;

    private final Kernel kernel = JniKernel.load();
    /** Of each: the read end, the write end. */
    private final int[][] pipes = new int[4][];

    private final Capture out = new Capture(1024);
    private final Capture err = new Capture(1024);

    @BeforeEach
    void open() throws Exception {
        for (int i = 0; i < pipes.length; i++) {
            pipes[i] = kernel.pipe();
        }
        kernel.nonBlocking(pipes[OUT][0], true);
        kernel.nonBlocking(pipes[ERR][0], true);
        kernel.nonBlocking(pipes[IN][1], true);
    }

    @AfterEach
    void close() {
        for (int[] pipe : pipes) {
            drop(pipe, 0);
            drop(pipe, 1);
        }
    }

    private void drop(int[] pipe, int end) {
        if (pipe[end] >= 0) {
            kernel.close(pipe[end]);
            pipe[end] = -1;
        }
    }

    private void write(int stream, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        assertThat(kernel.write(pipes[stream][1], buffer, 0, bytes.length)).isEqualTo(bytes.length);
    }

    private String read(int stream) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
        byte[] bytes = new byte[kernel.read(pipes[stream][0], buffer, 1024)];
        buffer.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String text(Capture capture) {
        return new String(capture.captured().bytes(), StandardCharsets.UTF_8);
    }

    private StreamLoop loop(Feed feed) {
        return new StreamLoop(
                kernel,
                pipes[END][0],
                pipes[OUT][0],
                pipes[ERR][0],
                out,
                err,
                feed,
                new Meter(Long.MAX_VALUE, () -> {}));
    }

    private Feed feed(String text) throws IOException {
        Feed feed = Feed.of(kernel, pipes[IN][1], text.getBytes(StandardCharsets.UTF_8));
        pipes[IN][1] = -1;
        return feed;
    }

    private static CompletableFuture<Void> inBackground(StreamLoop loop, CompletableFuture<Thread> runner) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        loop.run();
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                work -> {
                    Thread thread = new Thread(work, "loop under test");
                    runner.complete(thread);
                    thread.start();
                });
    }

    @Test
    void itEndsWhenBothOutputsHaveEnded() throws Exception {
        write(OUT, "to out");
        write(ERR, "to err");
        drop(pipes[OUT], 1);
        drop(pipes[ERR], 1);

        StreamLoop loop = loop(null);
        loop.run();

        assertThat(text(out)).isEqualTo("to out");
        assertThat(text(err)).isEqualTo("to err");
        assertThat(loop.stdoutBytes()).isEqualTo(6);
    }

    @Test
    void whatWasWrittenBeforeTheContainerEndedIsDeliveredThoughSomebodyHoldsThePipe() throws Exception {
        write(OUT, "last words");
        drop(pipes[END], 1);

        loop(null).run();

        assertThat(text(out)).isEqualTo("last words");
    }

    @Test
    void somebodyWhoGoesOnWritingAfterTheContainersEndHoldsNobodyUp() throws Exception {
        drop(pipes[END], 1);
        CountDownLatch stop = new CountDownLatch(1);
        int smuggled = kernel.dup(pipes[OUT][1]);
        kernel.nonBlocking(smuggled, true);
        Thread writer = new Thread(() -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(16 * 1024);
            try {
                while (stop.getCount() > 0) {
                    kernel.write(smuggled, buffer, 0, buffer.capacity());
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        write(OUT, "x");
        writer.start();
        try {
            loop(null).run();
        } finally {
            stop.countDown();
            writer.join();
            kernel.close(smuggled);
        }
    }

    @Test
    void inputIsFedToAProgramThatHasClosedItsOutputs() throws Exception {
        String input = "y".repeat(100_000);
        drop(pipes[OUT], 1);
        drop(pipes[ERR], 1);
        CompletableFuture<Void> run = inBackground(loop(feed(input)), new CompletableFuture<>());

        StringBuilder read = new StringBuilder();
        while (read.length() < input.length()) {
            read.append(read(IN));
        }
        run.get();

        assertThat(read.toString()).isEqualTo(input);
        assertThat(read(IN)).as("then its end").isEmpty();
    }

    @Test
    void aProgramThatEndsWithoutReadingItsInputEndsTheLoop() throws Exception {
        CompletableFuture<Void> run = inBackground(loop(feed("y".repeat(100_000))), new CompletableFuture<>());
        drop(pipes[OUT], 1);
        drop(pipes[ERR], 1);
        drop(pipes[END], 1);

        run.get();
    }

    @Test
    void anInterruptEndsItAtOnce() throws Exception {
        CompletableFuture<Thread> runner = new CompletableFuture<>();
        CompletableFuture<Void> run = inBackground(loop(null), runner);

        runner.get().interrupt();

        assertThatThrownBy(run::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void anInterruptThatCameBeforeEndsItTooAndIsTakenAway() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(loop(null)::run).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void nobodyLooksAtTheClockWhileNothingHappens() throws Exception {
        Kernel counting = org.mockito.Mockito.mock(Kernel.class);
        org.mockito.Mockito.when(counting.pipe()).thenReturn(new int[] {50, 51});
        org.mockito.Mockito.when(counting.poll(
                        org.mockito.ArgumentMatchers.eq(-1),
                        org.mockito.ArgumentMatchers.anyInt(),
                        org.mockito.ArgumentMatchers.any(int[].class)))
                .thenReturn(4);

        new StreamLoop(counting, 9, 7, 8, out, err, null, new Meter(Long.MAX_VALUE, () -> {})).run();

        org.mockito.Mockito.verify(counting).poll(-1, 0, 7, 8, 9, -1, 50);
        org.mockito.Mockito.verify(counting).close(50);
        org.mockito.Mockito.verify(counting).close(51);
    }

    @Test
    void oneByteOverTheLimitIsToldOnceAndNotDelivered() throws Exception {
        int[] told = {0};
        write(OUT, "12345");
        write(ERR, "67890");
        drop(pipes[OUT], 1);
        drop(pipes[ERR], 1);

        StreamLoop loop = new StreamLoop(
                kernel, pipes[END][0], pipes[OUT][0], pipes[ERR][0], out, err, null, new Meter(7, () -> told[0]++));
        loop.run();

        assertThat(text(out) + text(err)).isEqualTo("1234567");
        assertThat(told).containsExactly(1);
        assertThat(loop.stdoutBytes() + loop.stderrBytes()).isEqualTo(10);
    }
}
