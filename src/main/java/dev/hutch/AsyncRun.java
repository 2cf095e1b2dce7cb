// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.Daemon;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A run in a thread of its own. A platform thread: it waits in poll(2), where a virtual one would hold its carrier. The
 * future's end, whoever brings it about, is the run's end: a future that was cancelled or timed out leaves no container.
 */
final class AsyncRun {
    private static final AtomicLong NUMBER = new AtomicLong();

    /** What runs there. */
    interface Run {
        SandboxResult run() throws IOException, InterruptedException;
    }

    private AsyncRun() {}

    static CompletableFuture<SandboxResult> start(Run work) {
        CompletableFuture<SandboxResult> future = new CompletableFuture<>();
        Thread thread = new Daemon("hutch-run-" + NUMBER.incrementAndGet()).newThread(() -> run(work, future));
        thread.start();
        // Not before the start: the interrupt of a thread that was not started is lost.
        future.whenComplete((result, failure) -> {
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
        });
        return future;
    }

    private static void run(Run work, CompletableFuture<SandboxResult> future) {
        try {
            if (!future.isDone()) {
                future.complete(work.run());
            }
        } catch (Throwable failure) {
            future.completeExceptionally(failure);
        }
    }
}
