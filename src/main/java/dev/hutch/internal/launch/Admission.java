// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.Budget;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the sandboxes of a context within its budget: each holds a {@link Permit} while anything is left of it. Who waits is
 * served in the order of coming, so a large one is not overtaken for ever by small ones. Waits by a lock that a virtual
 * thread can be unmounted from. Thread-safe.
 */
public final class Admission implements AutoCloseable {
    private final Budget budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiter> queue = new ArrayDeque<>();
    private long memory;
    private int sandboxes;
    private boolean closed;

    public Admission(Budget budget) {
        this.budget = budget;
    }

    private static final class Waiter {
        final int many;
        final long wanted;
        final Condition turn;
        boolean admitted;

        Waiter(int many, long wanted, Condition turn) {
            this.many = many;
            this.wanted = wanted;
            this.turn = turn;
        }
    }

    public boolean isBounded() {
        return budget.memory() != null || budget.sandboxes() > 0;
    }

    /** Whether a memory limit that can't be enforced must fail a start: what isn't bounded can't be summed. */
    public boolean sumsMemory() {
        return budget.memory() != null;
    }

    /**
     * Takes room for one sandbox. An interrupt counts only where it has to wait.
     *
     * @throws SandboxException if there is none in time, there never can be, or the context is closed
     */
    public Permit enter(SandboxSpec spec) throws SandboxException, InterruptedException {
        return enter(List.of(spec)).get(0);
    }

    /**
     * As {@link #enter(SandboxSpec)}, for all of them at once: who held one while waiting for another could wait for
     * somebody who does the same.
     */
    public List<Permit> enter(List<SandboxSpec> specs) throws SandboxException, InterruptedException {
        if (isBounded()) {
            long wanted = 0;
            for (SandboxSpec spec : specs) {
                long more = spec.limits().memory().bytes();
                wanted = more > Long.MAX_VALUE - wanted ? Long.MAX_VALUE : wanted + more;
            }
            enter(specs.size(), wanted);
        }
        return specs.stream()
                .map(spec ->
                        new Permit(this, isBounded() ? spec.limits().memory().bytes() : 0))
                .toList();
    }

    private void enter(int many, long wanted) throws SandboxException, InterruptedException {
        if (budget.sandboxes() > 0 && many > budget.sandboxes()) {
            throw refusal(wanted, many + " at once are more than the whole budget of " + budget.sandboxes());
        }
        if (budget.memory() != null && wanted > budget.memory().bytes()) {
            throw refusal(
                    wanted, "that is more than the whole budget of " + budget.memory() + ": lower its memory limit");
        }
        lock.lock();
        try {
            checkOpen();
            if (queue.isEmpty() && fits(many, wanted)) {
                take(many, wanted);
            } else {
                await(many, wanted);
            }
        } finally {
            lock.unlock();
        }
    }

    private void await(int many, long wanted) throws SandboxException, InterruptedException {
        Waiter waiter = new Waiter(many, wanted, lock.newCondition());
        queue.add(waiter);
        try {
            // In nanoseconds a longer time than 292 years has no room.
            long left = budget.patience() == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(budget.patience());
            while (!waiter.admitted) {
                checkOpen();
                if (left <= 0) {
                    throw refusal(wanted, state());
                }
                left = waiter.turn.awaitNanos(left);
            }
        } catch (SandboxException | InterruptedException e) {
            leave(waiter);
            throw e;
        }
    }

    /** Who gives up was perhaps admitted just now; and whoever stood behind a large one may have room. */
    private void leave(Waiter waiter) {
        if (waiter.admitted) {
            sandboxes -= waiter.many;
            memory -= waiter.wanted;
        } else {
            queue.remove(waiter);
        }
        admitWhoFits();
    }

    /** Other memory for a sandbox that is in: more only where there is room at this moment, whoever waits. */
    void resize(long from, long to) throws SandboxException {
        lock.lock();
        try {
            if (budget.memory() != null
                    && to > from
                    && memory + to - from > budget.memory().bytes()) {
                throw refusal(to - from, "more than is left: " + state());
            }
            memory += to - from;
            admitWhoFits();
        } finally {
            lock.unlock();
        }
    }

    void exit(long held) {
        lock.lock();
        try {
            sandboxes--;
            memory -= held;
            admitWhoFits();
        } finally {
            lock.unlock();
        }
    }

    private void admitWhoFits() {
        for (Waiter first = queue.peek(); first != null && fits(first.many, first.wanted); first = queue.peek()) {
            queue.remove();
            take(first.many, first.wanted);
            first.admitted = true;
            first.turn.signal();
        }
    }

    private boolean fits(int many, long wanted) {
        return (budget.sandboxes() == 0 || many <= budget.sandboxes() - sandboxes)
                && (budget.memory() == null || wanted <= budget.memory().bytes() - memory);
    }

    private void take(int many, long wanted) {
        sandboxes += many;
        memory += wanted;
    }

    private void checkOpen() throws SandboxException {
        if (closed) {
            throw ClosedContext.refusal();
        }
    }

    private String state() {
        return sandboxes + " sandboxes with memory limits of " + new Size(memory) + " are there, "
                + Math.max(0, queue.size() - 1) + " wait: try later, or raise the budget";
    }

    private SandboxException refusal(long wanted, String why) {
        return new SandboxException("budget", "for " + new Size(wanted), null, why);
    }

    /** How many wait. */
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** What is held: sandboxes, and bytes of memory. */
    long[] held() {
        lock.lock();
        try {
            return new long[] {sandboxes, memory};
        } finally {
            lock.unlock();
        }
    }

    /** Whoever waits is told so. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queue.forEach(waiter -> waiter.turn.signal());
        } finally {
            lock.unlock();
        }
    }
}
