// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Arrays;

/**
 * poll(2) that an interrupt of the waiting thread ends: the JDK closes the channel that a thread blocks on when it is
 * interrupted, and this one rings a bell then. Not thread-safe; good for one interrupt.
 */
final class InterruptiblePoll extends AbstractInterruptibleChannel {
    private final Kernel kernel;
    private final Bell bell;

    private InterruptiblePoll(Kernel kernel, Bell bell) {
        this.kernel = kernel;
        this.bell = bell;
    }

    static InterruptiblePoll make(Kernel kernel) throws KernelException {
        return new InterruptiblePoll(kernel, Bell.make(kernel));
    }

    /** As {@link Kernel#poll} without a time-out. Announced anew each time: what is done in between may block too. */
    int poll(int writable, int... fds) throws KernelException, InterruptedException {
        int[] watched = Arrays.copyOf(fds, fds.length + 1);
        watched[fds.length] = bell.fd();
        int ready;
        begin();
        try {
            ready = kernel.poll(-1, writable, watched);
        } finally {
            stopBlocking();
        }
        if (!isOpen()) {
            Thread.interrupted();
            throw new InterruptedException("while a sandbox was running");
        }
        return ready;
    }

    private void stopBlocking() {
        try {
            end(true);
        } catch (AsynchronousCloseException interrupted) {
            assert !isOpen();
        }
    }

    @Override
    protected void implCloseChannel() {
        bell.ring();
    }

    /** Gives the bell's descriptors back, where {@link #close} only rings it. */
    void dispose() throws IOException {
        close();
        bell.close();
    }
}
