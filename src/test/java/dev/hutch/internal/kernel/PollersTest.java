// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipes of the real kernel; threads of any kind wait. */
@Timeout(30)
class PollersTest {
    private final Kernel kernel = JniKernel.load();
    private final Pollers pollers = new Pollers(kernel);
    private final List<int[]> pipes = new ArrayList<>();

    @AfterEach
    void closePipes() {
        pipes.forEach(pipe -> {
            kernel.close(pipe[0]);
            kernel.close(pipe[1]);
        });
    }

    @Test
    void manyWaitAndEachIsToldOfItsOwn() throws Exception {
        List<CompletableFuture<Integer>> waits = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int readEnd = pipe()[0];
            waits.add(inAThread(0, readEnd));
        }
        for (int i = 59; i >= 0; i--) {
            kernel.write(pipes.get(i)[1], ByteBuffer.allocateDirect(1), 0, 1);
            assertThat(waits.get(i).get()).isEqualTo(1);
            assertThat(waits.subList(0, i)).noneMatch(CompletableFuture::isDone);
        }
        assertThat(pollers.threads()).as("thirty descriptors each").isBetween(1, 2);
    }

    @Test
    void theMaskTellsWhichOfAWaitsDescriptorsAreReadyAndLeavesOutThoseThatAreNone() throws Exception {
        int[] empty = pipe();
        int[] room = pipe();

        assertThat(pollers.poll(0b1000, empty[0], -1, -1, room[1])).isEqualTo(0b1000);
        assertThat(pollers.poll(0b0011, room[1], room[1], empty[0])).isEqualTo(0b0011);
    }

    @Test
    void anInterruptIsKeptForTheCaller() throws Exception {
        int[] room = pipe();
        Thread.currentThread().interrupt();

        assertThat(pollers.poll(1, room[1])).isEqualTo(1);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void asMuchAsOneCallTakesIsTooMuchBesideItsOwnWakeUp() {
        assertThat(Pollers.take(Kernel.MOST_POLLED - 1)).isTrue();
        assertThat(Pollers.take(Kernel.MOST_POLLED)).isFalse();
    }

    private CompletableFuture<Integer> inAThread(int writable, int... fds) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(pollers.poll(writable, fds));
            } catch (KernelException e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return answer;
    }

    private int[] pipe() throws KernelException {
        int[] pipe = kernel.pipe();
        pipes.add(pipe);
        return pipe;
    }
}
