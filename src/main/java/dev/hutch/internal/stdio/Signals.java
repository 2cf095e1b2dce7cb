// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Signals that this process gets, handed to a listener: a native handler writes their numbers into a pipe, which a daemon
 * thread reads while there is a listener. A process has one set of handlers, so they and the pipe stay for its life once
 * they were taken. Thread-safe.
 */
public final class Signals {
    public static final int HUP = 1;
    public static final int INT = 2;
    public static final int QUIT = 3;
    public static final int TERM = 15;
    public static final int CONT = 18;
    public static final int STOP = 19;
    public static final int TSTP = 20;
    public static final int WINCH = 28;

    private static final int[] TAKEN = {HUP, INT, QUIT, TERM, CONT, TSTP, WINCH};
    private static final IntConsumer NOBODY = new IntConsumer() {
        @Override
        public void accept(int signal) {}
    };

    /** In the pipe, for the reader to end: a thread that waits in the kernel holds the JVM's exit up for 300 ms. */
    private static final byte NO_SIGNAL = 0;

    private static volatile IntConsumer listener = NOBODY;
    private static int @Nullable [] pipe;

    private Signals() {}

    /** Takes the signals, or hands them to another listener: one at a time. */
    public static synchronized void take(Kernel kernel, IntConsumer to) throws KernelException {
        if (listener != NOBODY) {
            throw new IllegalStateException("the signals of this process go to another command already");
        }
        listener = to;
        int[] known = pipe;
        int[] ends = known == null ? kernel.pipe() : known;
        Thread reader = new Thread(() -> read(kernel, ends[0]), "hutch-signals");
        reader.setDaemon(true);
        reader.start();
        if (known == null) {
            // A handler must never wait, whatever the reader is at.
            kernel.nonBlocking(ends[1], true);
            for (int signal : TAKEN) {
                kernel.forwardSignal(ends[1], signal);
            }
            pipe = ends;
        }
    }

    /** Nobody wants them any more. */
    public static synchronized void leave(Kernel kernel) throws KernelException {
        listener = NOBODY;
        if (pipe != null) {
            kernel.write(pipe[1], ByteBuffer.allocateDirect(1).put(0, NO_SIGNAL), 0, 1);
        }
    }

    private static void read(Kernel kernel, int pipe) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1);
        try {
            while (kernel.read(pipe, buffer, 1) > 0 && buffer.get(0) != NO_SIGNAL) {
                listener.accept(buffer.get(0));
            }
        } catch (KernelException | RuntimeException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.ERROR, "signals are no longer passed on", e);
        }
    }
}
