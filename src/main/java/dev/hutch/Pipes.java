// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;

/**
 * The three standard streams of one sandbox: the ends that it gets, and ours. Whoever holds this closes both; ends that
 * were taken belong to the taker.
 */
final class Pipes implements AutoCloseable {
    private static final int O_RDWR = 2;

    private final Kernel kernel;
    private final int[] theirs = {-1, -1, -1};
    private final int[] ours = {-1, -1, -1};

    private Pipes(Kernel kernel) {
        this.kernel = kernel;
    }

    /** @param input whether standard input is a pipe, or else the null device */
    static Pipes open(Kernel kernel, boolean input, boolean mergeError) throws KernelException {
        Pipes pipes = new Pipes(kernel);
        try {
            if (input) {
                pipes.set(0, kernel.pipe(), 0, 1);
            } else {
                pipes.theirs[0] = kernel.open("/dev/null", O_RDWR, 0);
            }
            pipes.set(1, kernel.pipe(), 1, 0);
            kernel.nonBlocking(pipes.ours[1], true);
            if (mergeError) {
                pipes.theirs[2] = kernel.dup(pipes.theirs[1]);
            } else {
                pipes.set(2, kernel.pipe(), 1, 0);
                kernel.nonBlocking(pipes.ours[2], true);
            }
            return pipes;
        } catch (KernelException e) {
            pipes.close();
            throw e;
        }
    }

    private void set(int stream, int[] pipe, int inside, int outside) {
        theirs[stream] = pipe[inside];
        ours[stream] = pipe[outside];
    }

    int[] theirs() {
        return theirs.clone();
    }

    /** Which of the sandbox's ends are pipes, and not the null device. */
    boolean[] made() {
        return new boolean[] {ours[0] >= 0, true, true};
    }

    /** The sandbox has its ends now: ours would keep the pipes from ever ending. */
    void launched() {
        for (int i = 0; i < 3; i++) {
            drop(theirs, i);
        }
    }

    int output() {
        return ours[1];
    }

    int error() {
        return ours[2];
    }

    int takeInput() {
        return take(0);
    }

    int take(int stream) {
        int fd = ours[stream];
        ours[stream] = -1;
        return fd;
    }

    private void drop(int[] ends, int i) {
        if (ends[i] >= 0) {
            kernel.close(ends[i]);
            ends[i] = -1;
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < 3; i++) {
            drop(theirs, i);
            drop(ours, i);
        }
    }
}
