// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What {@code src/main/c/jni} has. Each answers the call's value or -errno, throws nothing and keeps no state. */
final class Natives {
    private Natives() {}

    /** syscall(2): {@link SystemCalls} says what its arguments are. */
    static native int call0(int number, @Nullable ByteBuffer memory, int pointers, long[] arguments);

    static native int send0(int socket, ByteBuffer buffer, int length, int[] fds);

    /** Fills the details with the sender's pid, the number of descriptors, and these. */
    static native int receive0(int socket, ByteBuffer buffer, int length, int[] details);

    static native int poll0(int timeout, int[] fds, int writable);

    static native int spawn0(int executable, int control, int lifeline);

    static native int forwardSignal0(int pipe, int signal);
}
