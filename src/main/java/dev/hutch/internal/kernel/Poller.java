// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** One thread of {@link Pollers}, and what it waits for. Thread-safe. */
final class Poller {
    private static final int IDLE_MILLIS = 1_000;

    private final Kernel kernel;
    private final Predicate<Poller> retires;
    private final int[] bell;
    private final ByteBuffer byteOfBell = ByteBuffer.allocateDirect(1);
    private final ByteBuffer drained = ByteBuffer.allocateDirect(64);
    private final List<Pollers.Wait> waits = new ArrayList<>();
    private int used = 1;

    /** @param retires asked when it has been idle: whether it may end */
    Poller(Kernel kernel, Predicate<Poller> retires) throws KernelException {
        this.kernel = kernel;
        this.retires = retires;
        this.bell = kernel.pipe();
    }

    void start() {
        Thread thread = new Thread(this::run, "hutch-poller");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether there was room. */
    synchronized boolean add(Pollers.Wait wait) throws KernelException {
        int size = wait.size();
        if (used + size > Kernel.MOST_POLLED) {
            return false;
        }
        kernel.write(bell[1], byteOfBell, 0, 1);
        used += size;
        waits.add(wait);
        return true;
    }

    synchronized boolean isIdle() {
        return waits.isEmpty();
    }

    private void run() {
        try {
            for (boolean served = true; served || !retires.test(this); ) {
                List<Pollers.Wait> all = current();
                try {
                    served = serve(all);
                } catch (KernelException | RuntimeException e) {
                    // Nobody can tell whose descriptor it was: all hear of it.
                    all.forEach(wait -> finish(wait, () -> wait.ready().completeExceptionally(e)));
                }
            }
        } finally {
            kernel.close(bell[0]);
            kernel.close(bell[1]);
        }
    }

    private synchronized List<Pollers.Wait> current() {
        return List.copyOf(waits);
    }

    /** Whether there was something to do. */
    private boolean serve(List<Pollers.Wait> all) throws KernelException {
        int[] fds = new int[Kernel.MOST_POLLED];
        int count = 0;
        int writable = 0;
        fds[count++] = bell[0];
        for (Pollers.Wait wait : all) {
            for (int i = 0; i < wait.fds().length; i++) {
                if (wait.fds()[i] >= 0) {
                    writable |= wait.forRoom(i) ? 1 << count : 0;
                    fds[count++] = wait.fds()[i];
                }
            }
        }
        int ready = kernel.poll(all.isEmpty() ? IDLE_MILLIS : -1, writable, Arrays.copyOf(fds, count));
        if ((ready & 1) != 0) {
            kernel.read(bell[0], drained, drained.capacity());
        }
        tell(all, ready >> 1);
        return ready != 0;
    }

    /** @param ready a bit for each descriptor of each wait, in order */
    private void tell(List<Pollers.Wait> all, int ready) {
        int rest = ready;
        for (Pollers.Wait wait : all) {
            int mask = 0;
            for (int i = 0; i < wait.fds().length; i++) {
                if (wait.fds()[i] >= 0) {
                    mask |= (rest & 1) << i;
                    rest >>= 1;
                }
            }
            int answer = mask;
            if (answer != 0) {
                finish(wait, () -> wait.ready().complete(answer));
            }
        }
    }

    /** Forgotten first: who is told may close its descriptors. */
    private void finish(Pollers.Wait wait, Runnable tell) {
        synchronized (this) {
            waits.remove(wait);
            used -= wait.size();
        }
        tell.run();
    }
}
