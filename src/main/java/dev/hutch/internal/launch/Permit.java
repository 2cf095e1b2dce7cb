// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The room that one sandbox takes in its context's budget. It is given back once: when nothing is left of the container
 * that it was handed to, or when it is closed without having been handed on. Thread-safe.
 */
public final class Permit implements AutoCloseable {
    /** What is done under other limits. */
    interface Change {
        void make() throws SandboxException;
    }

    private final Admission admission;
    private final boolean counted;
    private final ReentrantLock lock = new ReentrantLock();
    private long held;
    private boolean handedOn;
    private boolean givenBack;

    Permit(Admission admission, long held) {
        this.admission = admission;
        this.counted = admission.isBounded();
        this.held = held;
    }

    /** The container keeps it from now on. */
    public void handTo(Container container) {
        handedOn = true;
        if (counted) {
            container.keep(this);
        }
    }

    /** Whether somebody may wait for the room. */
    public boolean isCounted() {
        return counted;
    }

    /** Takes the room of other limits before they are made, or gives it back after. */
    void change(Limits limits, Change change) throws SandboxException {
        lock.lock();
        try {
            long before = held;
            long after = limits.memory().bytes();
            resize(Math.max(before, after));
            try {
                change.make();
            } catch (SandboxException | RuntimeException e) {
                resize(before);
                throw e;
            }
            resize(after);
        } finally {
            lock.unlock();
        }
    }

    private void resize(long to) throws SandboxException {
        if (counted && !givenBack) {
            admission.resize(held, to);
            held = to;
        }
    }

    void giveBack() {
        lock.lock();
        try {
            if (counted && !givenBack) {
                givenBack = true;
                admission.exit(held);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        if (!handedOn) {
            giveBack();
        }
    }
}
