// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

/** What of the heap can still be reached. */
public final class LiveSet {
    private static final int COLLECTIONS = 6;

    private LiveSet() {}

    /** The least of several collections: each may free what the one before found to be cleaned. */
    public static long bytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            // Cleaners run beside.
            Thread.sleep(50);
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
