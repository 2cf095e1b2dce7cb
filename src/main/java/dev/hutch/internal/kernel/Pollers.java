// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * poll(2) on behalf of virtual threads. One that called it would hold its carrier for as long; here it parks, and a daemon
 * thread waits for as many of them as one call has room for. Such a thread ends when nobody has needed it for a while.
 * Thread-safe.
 */
final class Pollers {
    private final Kernel kernel;
    private final List<Poller> pollers = new ArrayList<>();

    Pollers(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Whether a poller can wait for so many at once, beside what wakes itself. */
    static boolean take(int descriptors) {
        return descriptors < Kernel.MOST_POLLED;
    }

    /**
     * As {@link Kernel#poll} without a time-out. Not interruptible, as that isn't: an interrupt is kept for the caller, who
     * has one of the descriptors become ready where it is to end the wait.
     */
    int poll(int writable, int... fds) throws KernelException {
        Wait wait = new Wait(writable, fds);
        submit(wait);
        try {
            return wait.ready().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof KernelException known) {
                throw known;
            }
            throw e;
        }
    }

    private synchronized void submit(Wait wait) throws KernelException {
        for (Poller known : pollers) {
            if (known.add(wait)) {
                return;
            }
        }
        Poller poller = new Poller(kernel, this::retire);
        // First: one whose thread can't be had must be given no wait.
        poller.start();
        pollers.add(poller);
        poller.add(wait);
    }

    /** Under the same lock as a wait is given, so that none is given to one that ends. */
    private synchronized boolean retire(Poller poller) {
        return poller.isIdle() && pollers.remove(poller);
    }

    /** How many threads wait. */
    synchronized int threads() {
        return pollers.size();
    }

    /** One virtual thread's wait. No record: each is another, whatever it waits for. */
    static final class Wait {
        private final int writable;
        private final int[] fds;
        private final CompletableFuture<Integer> ready = new CompletableFuture<>();

        private Wait(int writable, int... fds) {
            this.writable = writable;
            this.fds = fds;
        }

        int[] fds() {
            return fds;
        }

        /** The mask that {@link Kernel#poll} gives. */
        CompletableFuture<Integer> ready() {
            return ready;
        }

        boolean forRoom(int i) {
            return (writable >> i & 1) != 0;
        }

        /** Negative ones are left out, as poll(2) does. */
        int size() {
            return (int) Arrays.stream(fds).filter(fd -> fd >= 0).count();
        }
    }
}
