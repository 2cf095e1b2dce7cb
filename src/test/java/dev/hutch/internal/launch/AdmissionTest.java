// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.Budget;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdmissionTest {
    private final List<Integer> served = Collections.synchronizedList(new ArrayList<>());

    private static SandboxSpec sized(long mebibytes) {
        return Sandbox.builder().memory(Size.mebibytes(mebibytes)).build().spec();
    }

    private static Admission refusing(long mebibytes) {
        return new Admission(Budget.ofMemory(Size.mebibytes(mebibytes)).refusing());
    }

    private static void assertHeld(Admission admission, int sandboxes, long mebibytes) {
        assertThat(admission.held()).containsExactly(sandboxes, mebibytes << 20);
    }

    /** A thread that waits for room, notes its number, and keeps the room until told. */
    private final class Guest extends Thread {
        private final Admission admission;
        private final int number;
        private final long mebibytes;
        final CountDownLatch leave = new CountDownLatch(1);
        final CompletableFuture<Boolean> end = new CompletableFuture<>();

        Guest(Admission admission, int number, long mebibytes) {
            this.admission = admission;
            this.number = number;
            this.mebibytes = mebibytes;
        }

        /** Answers when it stands in the queue. */
        Guest queued() {
            int before = admission.waiting();
            start();
            while (admission.waiting() == before) {
                Thread.onSpinWait();
            }
            return this;
        }

        @Override
        public void run() {
            try (Permit permit = admission.enter(sized(mebibytes))) {
                served.add(number);
                leave.await();
                end.complete(permit.isCounted());
            } catch (SandboxException | InterruptedException e) {
                end.completeExceptionally(e);
            }
        }
    }

    @Test
    void withoutABudgetEverybodyEnters() throws Exception {
        Admission admission = new Admission(Budget.NONE);
        try (Permit permit = admission.enter(sized(1 << 20))) {
            assertThat(permit.isCounted()).isFalse();
            permit.change(Limits.defaults(), () -> {});
        }
        assertHeld(admission, 0, 0);
    }

    @Test
    void memoryLimitsAddUpAndAreGivenBackOnce() throws Exception {
        Admission admission = refusing(100);
        Permit first = admission.enter(sized(60));
        Permit second = admission.enter(sized(40));

        assertThatThrownBy(() -> admission.enter(sized(1)))
                .isInstanceOf(SandboxException.class)
                .hasMessage(
                        "budget for 1m: 2 sandboxes with memory limits of 100m are there, 0 wait: try later, or raise"
                                + " the budget");
        first.close();
        first.close();
        assertHeld(admission, 1, 40);
        second.close();
        assertHeld(admission, 0, 0);
    }

    @Test
    void whatNeverFitsIsRefusedHoweverPatient() {
        Admission admission = new Admission(Budget.ofMemory(Size.mebibytes(100)));

        assertThatThrownBy(() -> admission.enter(sized(101)))
                .hasMessage("budget for 101m: that is more than the whole budget of 100m: lower its memory limit");
    }

    @Test
    void severalAtOnceGetAllTheirRoomOrNone() throws Exception {
        Admission admission = refusing(100);
        List<Permit> two = admission.enter(List.of(sized(60), sized(40)));
        assertHeld(admission, 2, 100);
        two.get(0).close();

        assertThatThrownBy(() -> admission.enter(List.of(sized(30), sized(40)))).hasMessageContaining("70");
        assertHeld(admission, 1, 40);
        two.get(1).close();
        assertHeld(admission, 0, 0);

        Admission one = new Admission(Budget.ofSandboxes(1));
        assertThatThrownBy(() -> one.enter(List.of(sized(1), sized(1)))).hasMessageContaining("whole budget of 1");
    }

    @Test
    void theyAreServedInTheOrderOfComing() throws Exception {
        Admission admission = new Admission(Budget.ofMemory(Size.mebibytes(100)));
        Permit first = admission.enter(sized(60));
        Guest large = new Guest(admission, 1, 90).queued();
        Guest small = new Guest(admission, 2, 20).queued();
        assertThat(served).as("the small one would fit, but came later").isEmpty();

        first.close();
        large.leave.countDown();
        small.leave.countDown();

        assertThat(large.end.get()).isTrue();
        assertThat(small.end.get()).isTrue();
        assertThat(served).containsExactly(1, 2);
        large.join();
        small.join();
        assertHeld(admission, 0, 0);
    }

    @Test
    void whoIsInterruptedLeavesTheQueueAndLetsTheNextOneIn() throws Exception {
        Admission admission = new Admission(Budget.ofMemory(Size.mebibytes(100)));
        Permit first = admission.enter(sized(60));
        Guest large = new Guest(admission, 1, 90).queued();
        Guest small = new Guest(admission, 2, 40).queued();

        large.interrupt();
        assertThatThrownBy(large.end::get).hasCauseInstanceOf(InterruptedException.class);
        small.leave.countDown();
        assertThat(small.end.get()).isTrue();

        large.join();
        small.join();
        assertHeld(admission, 1, 60);
        first.close();
    }

    @Test
    void patienceEnds() throws Exception {
        Admission admission = new Admission(Budget.ofSandboxes(1).waiting(Duration.ofMillis(1)));
        Permit first = admission.enter(sized(1));

        assertThatThrownBy(() -> admission.enter(sized(1))).hasMessageContaining("1 sandboxes");
        assertThat(admission.waiting()).isZero();
        first.close();
        admission.enter(sized(1)).close();
    }

    @Test
    void closingTellsWhoWaits() throws Exception {
        Admission admission = new Admission(Budget.ofSandboxes(1));
        Permit first = admission.enter(sized(1));
        Guest guest = new Guest(admission, 1, 1).queued();

        admission.close();

        assertThatThrownBy(guest.end::get).hasStackTraceContaining("this context is closed");
        assertThatThrownBy(() -> admission.enter(sized(1))).hasMessageContaining("this context is closed");
        first.close();
    }

    @Test
    void otherLimitsChangeTheReckoning() throws Exception {
        Admission admission = refusing(100);
        Permit permit = admission.enter(sized(60));

        permit.change(memory(30), () -> assertHeld(admission, 1, 60));
        assertHeld(admission, 1, 30);
        Permit other = admission.enter(sized(70));
        assertThatThrownBy(() -> permit.change(memory(31), () -> {
                    throw new AssertionError("made");
                }))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("budget for 1m: more than is left");
        other.close();
        assertThatThrownBy(() -> permit.change(memory(100), () -> {
                    throw new SandboxException("write", "", null, "refused");
                }))
                .hasMessageContaining("refused");
        assertHeld(admission, 1, 30);
        permit.close();
        permit.change(memory(90), () -> {});
        assertHeld(admission, 0, 0);
    }

    @Test
    void lessMemoryLetsTheNextOneIn() throws Exception {
        Admission admission = new Admission(Budget.ofMemory(Size.mebibytes(100)));
        Permit permit = admission.enter(sized(60));
        Guest guest = new Guest(admission, 1, 70).queued();

        permit.change(memory(30), () -> {});
        guest.leave.countDown();

        assertThat(guest.end.get()).isTrue();
        permit.close();
    }

    private static Limits memory(long mebibytes) {
        return Limits.builder().memory(Size.mebibytes(mebibytes)).build();
    }

    /** Eight threads enter, resize, are interrupted and leave at random: never too many, never one lost. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyInterleavingKeepsTheBudgetAndLosesNobody(long seed) throws Exception {
        Admission admission = new Admission(Budget.ofMemory(Size.mebibytes(100)).withSandboxes(3));
        AtomicLong memory = new AtomicLong();
        AtomicInteger inside = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(seed * 100 + i);
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            threads.add(new Thread(() -> {
                try {
                    for (int round = 0; round < 200; round++) {
                        visit(admission, random, memory, inside);
                    }
                    end.complete(null);
                } catch (Throwable e) {
                    end.completeExceptionally(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        Random whom = new Random(seed);
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.get(whom.nextInt(threads.size())).interrupt();
            Thread.yield();
        }
        for (CompletableFuture<Void> end : ends) {
            end.get();
        }
        assertHeld(admission, 0, 0);
        assertThat(admission.waiting()).isZero();
    }

    private static void visit(Admission admission, Random random, AtomicLong memory, AtomicInteger inside)
            throws SandboxException {
        long size = 1 + random.nextInt(100);
        try (Permit permit = admission.enter(sized(size))) {
            assertThat(inside.incrementAndGet()).isLessThanOrEqualTo(3);
            assertThat(memory.addAndGet(size)).isLessThanOrEqualTo(100);
            long smaller = 1 + random.nextInt((int) size);
            memory.addAndGet(smaller - size);
            permit.change(memory(smaller), () -> {});
            memory.addAndGet(-smaller);
            inside.decrementAndGet();
        } catch (InterruptedException e) {
            // It had to wait, and gave up.
        }
    }
}
