// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** That nothing stays behind is checked after each of these. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class AsyncKernelTest extends SandboxCase {
    @Test
    void theFutureBringsTheResult() throws Exception {
        SandboxResult result = sandbox()
                .build()
                .runAsync(Command.builder("cat").input("in").build())
                .get();

        assertThat(result.out()).isEqualTo("in");
    }

    @Test
    void manyRunAtOnce() {
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(sandbox().build().runAsync("echo", Integer.toString(i)).thenApply(SandboxResult::out));
        }

        for (int i = 0; i < 16; i++) {
            assertThat(all.get(i).join()).isEqualTo(i + "\n");
        }
    }

    @Test
    void aRefusedStartFailsTheFuture() {
        CompletableFuture<SandboxResult> future = sandbox().build().runAsync("no-such-program");

        assertThatThrownBy(future::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("no-such-program");
    }

    @Test
    void cancelEndsTheContainer() throws Exception {
        CompletableFuture<SandboxResult> future = sandbox().build().runAsync("sleep", "600");

        assertThat(future.cancel(true)).isTrue();
        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        assertThat(runningThreads()).as("the thread that ran it").isZero();
    }

    /** From before the first system call to after the program's start. */
    @Test
    void cancelAtAnyMomentLeavesNothing() throws Exception {
        int rounds = Rounds.of(40);
        for (int i = 0; i < rounds; i++) {
            CompletableFuture<SandboxResult> future = sandbox().build().runAsync("sleep", "600");
            TimeUnit.MICROSECONDS.sleep(i * 150L);
            assertThat(future.cancel(true)).isTrue();
        }
        assertThat(runningThreads()).isZero();
    }

    @Test
    void aTimeOutOfTheFutureEndsTheContainer() throws Exception {
        CompletableFuture<SandboxResult> future =
                sandbox().build().runAsync("sleep", "600").orTimeout(1, TimeUnit.MILLISECONDS);

        assertThatThrownBy(future::get).hasCauseInstanceOf(TimeoutException.class);
        assertThat(runningThreads()).isZero();
    }

    /** A run's thread ends when its container is gone; a hung one is told by the count. */
    private static long runningThreads() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("hutch-run-")) {
                thread.join(10_000);
            }
        }
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("hutch-run-"))
                .count();
    }
}
