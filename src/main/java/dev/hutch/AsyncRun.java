// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.Daemon;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A run in a thread of its own. The future's end, whoever brings it about, is the run's end: a future that was cancelled or
 * timed out leaves no container.
 */
final class AsyncRun {
    private static final AtomicLong NUMBER = new AtomicLong();

    private AsyncRun() {}

    static <T> CompletableFuture<T> start(Callable<T> run) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread = new Daemon("hutch-run-" + NUMBER.incrementAndGet()).newThread(() -> run(run, future));
        thread.start();
        // Not before the start: the interrupt of a thread that was not started is lost.
        future.whenComplete((result, failure) -> {
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
        });
        return future;
    }

    private static <T> void run(Callable<T> run, CompletableFuture<T> future) {
        try {
            if (!future.isDone()) {
                future.complete(run.call());
            }
        } catch (Throwable failure) {
            future.completeExceptionally(failure);
        }
    }
}
