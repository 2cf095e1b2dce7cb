// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Waits until all tasks of a cgroup have stopped. A task stops on its way out of the kernel, so one that waits there for a
 * disk holds up the whole.
 */
final class Freezer {
    private static final int EVENTS_SIZE = 256;

    private Freezer() {}

    /** Version 1: looking at the state is what moves it on from FREEZING; nothing tells of it. */
    static boolean awaitV1(KernelFiles files, String directory, long nanos) throws KernelException {
        long start = System.nanoTime();
        for (long pause = CgroupTree.FIRST_PAUSE; ; pause = Math.min(2 * pause, CgroupTree.LONGEST_PAUSE)) {
            String state = files.read(directory + "/freezer.state").trim();
            if (!state.equals("FREEZING") || System.nanoTime() - start > nanos) {
                return state.equals("FROZEN");
            }
            CgroupTree.pause(pause);
        }
    }

    /**
     * Version 2: {@code frozen} in cgroup.events, whose change wakes a poll. It counts from the last read through the same
     * descriptor: each look opens it anew.
     */
    static boolean awaitV2(KernelFiles files, String directory, long nanos) throws KernelException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(EVENTS_SIZE);
        long deadline = System.nanoTime() + nanos;
        for (; ; ) {
            int events = files.open(directory + "/cgroup.events", 0, 0);
            try {
                byte[] text = new byte[Math.max(0, files.read(events, buffer, EVENTS_SIZE))];
                buffer.get(0, text);
                if (KeyedFile.value(new String(text, StandardCharsets.US_ASCII), "frozen") == 1) {
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                files.poll((int) TimeUnit.NANOSECONDS.toMillis(left) + 1, KernelFiles.CHANGED, events);
            } finally {
                files.close(events);
            }
        }
    }
}
