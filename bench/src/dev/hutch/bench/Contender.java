// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import java.io.IOException;

/** One way to start a program and wait for its end. */
interface Contender extends AutoCloseable {
    String name();

    /** Launches one after another, each begun {@code idleMillis} after the one before, or at once if 0. */
    Block launch(int launches, long idleMillis) throws IOException, InterruptedException;

    /** How many times fewer launches are enough, since each takes so long. */
    default int slowness() {
        return 1;
    }

    @Override
    default void close() throws IOException {}

    /**
     * What a block of launches took.
     *
     * @param nanos from each call to its answer
     * @param busyNanos all of the block but the waiting between launches: the clean-up is in it
     */
    record Block(long[] nanos, long busyNanos) {}

    /** A contender that this JVM launches itself. */
    abstract class Here implements Contender {
        /** One launch to its end. Anything but exit status 0 is an exception. */
        abstract void launch() throws IOException, InterruptedException;

        /** What is to be done before so many launches, and isn't part of them. */
        void prepare(int launches) throws IOException, InterruptedException {}

        @Override
        public final Block launch(int launches, long idleMillis) throws IOException, InterruptedException {
            prepare(launches);
            long[] nanos = new long[launches];
            long tick = System.nanoTime();
            long busy = 0;
            for (int i = 0; i < launches; i++) {
                tick += idleMillis * 1_000_000;
                sleepUntil(tick, idleMillis);
                long begin = System.nanoTime();
                launch();
                nanos[i] = System.nanoTime() - begin;
                busy += nanos[i];
            }
            return new Block(nanos, busy);
        }

        private static void sleepUntil(long tick, long idleMillis) throws InterruptedException {
            long rest = tick - System.nanoTime();
            if (idleMillis > 0 && rest > 0) {
                Thread.sleep(rest / 1_000_000, (int) (rest % 1_000_000));
            }
        }
    }
}
