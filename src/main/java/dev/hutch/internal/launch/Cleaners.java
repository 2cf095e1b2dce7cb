// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Network;
import dev.hutch.spec.SandboxSpec;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that remove what ended containers leave, off every launch's path. Thread-safe. */
final class Cleaners {
    private static final int AT_ONCE = 4;
    private static final long IDLE_MILLIS = 50;

    private final ExecutorService usual = Executors.newSingleThreadExecutor(new Daemon("hutch-cleaner"));

    /** Several: to remove a cable the kernel takes 10 to 30 ms, in which it only waits. */
    private final ThreadPoolExecutor cables = new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            new Daemon("hutch-unplugger"));

    Cleaners() {
        cables.allowCoreThreadTimeOut(true);
    }

    /** For containers of that spec. */
    Executor of(SandboxSpec spec) {
        return spec.network().kind() == Network.Kind.BRIDGE ? cables : usual;
    }

    /** For what is nobody's in particular. */
    Executor usual() {
        return usual;
    }

    /** Takes no more work; what it has is done. */
    void shutdown() {
        usual.shutdown();
        cables.shutdown();
    }

    /** Whether all is done by then; an interrupt is kept for the caller. */
    boolean await(long seconds) {
        try {
            return usual.awaitTermination(seconds, TimeUnit.SECONDS)
                    && cables.awaitTermination(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
