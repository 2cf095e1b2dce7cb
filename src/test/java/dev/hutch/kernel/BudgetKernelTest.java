// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxListener;
import dev.hutch.SandboxPool;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Budget;
import dev.hutch.spec.Command;
import dev.hutch.spec.Limits;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the sandboxes of a context take together, seen where they are: processes and cgroups. */
@KernelTest(Need.USER_NAMESPACES)
class BudgetKernelTest extends SandboxCase {
    /** Counts the first sandbox's processes when the second one's command runs. */
    private static final class Witness implements SandboxListener {
        final CompletableFuture<Boolean> firstWasThere = new CompletableFuture<>();
        private long first;

        @Override
        public void started(RunningSandbox sandbox) {
            if (first == 0) {
                first = sandbox.pid();
            } else {
                firstWasThere.complete(Files.exists(Path.of("/proc/" + first)));
            }
        }
    }

    private static Hutch within(Budget budget) throws Exception {
        return Hutch.builder().budget(budget).build();
    }

    @Test
    void theSecondStartsWhenNothingIsLeftOfTheFirst() throws Exception {
        Witness witness = new Witness();
        try (Hutch context = Hutch.builder()
                        .budget(Budget.ofSandboxes(1))
                        .listener(witness)
                        .build();
                SandboxProcess cat = sandbox().context(context).build().start("cat")) {
            CompletableFuture<SandboxResult> second =
                    sandbox().context(context).build().runAsync("/bin/true");
            cat.getOutputStream().close();

            assertThat(second.get().succeeded()).isTrue();
            assertThat(witness.firstWasThere.get()).isFalse();
        }
    }

    @Test
    void runsOneAfterAnotherNeverFindNoRoom() throws Exception {
        try (Hutch context = within(Budget.ofSandboxes(1).refusing())) {
            Sandbox box = sandbox().context(context).build();
            for (int i = 0; i < 20; i++) {
                assertThat(box.run("/bin/true").succeeded()).isTrue();
            }
            try (SandboxProcess cat = box.start("cat")) {
                assertThat(cat.isAlive()).isTrue();
                assertThatThrownBy(() -> box.run("/bin/true"))
                        .isInstanceOf(SandboxException.class)
                        .hasMessageContaining("budget");
            }
            assertThat(box.run("/bin/true").succeeded()).isTrue();
        }
    }

    @Test
    void aStartThatFailsGivesItsRoomBack() throws Exception {
        try (Hutch context = within(Budget.ofSandboxes(1).refusing())) {
            Sandbox box = sandbox().context(context).build();
            Sandbox lost = box.toBuilder()
                    .bindReadOnly(Path.of("/nowhere"), Path.of("/data"))
                    .build();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> box.start("/no/such/program")).hasMessageContaining("execve");
                assertThatThrownBy(() -> lost.run("/bin/true")).hasMessageContaining("ENOENT");
                assertThatThrownBy(() -> box.run(Command.builder("/bin/true")
                                .input(Path.of("/nowhere"))
                                .build()))
                        .hasMessageContaining("ENOENT");
            }
            assertThat(box.run("/bin/true").succeeded()).isTrue();
        }
    }

    @Test
    void whoIsCancelledOrInterruptedInTheQueueTakesNothing() throws Exception {
        try (Hutch context = within(Budget.ofSandboxes(1))) {
            Sandbox box = sandbox().context(context).build();
            List<CompletableFuture<SandboxResult>> futures = new ArrayList<>();
            try (SandboxProcess cat = box.start("cat")) {
                for (int i = 0; i < 5; i++) {
                    futures.add(box.runAsync("/bin/true"));
                }
                futures.subList(0, 4).forEach(future -> future.cancel(true));
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> box.start("cat")).isInstanceOf(InterruptedIOException.class);
                assertThat(Thread.interrupted()).isTrue();
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> box.run("cat")).isInstanceOf(InterruptedException.class);
                assertThat(cat.isAlive()).isTrue();
            }
            assertThat(futures.get(4).get().succeeded()).isTrue();
        }
    }

    @Test
    void aSessionTakesOneRoomForAllItsCalls() throws Exception {
        try (Hutch context = within(Budget.ofSandboxes(1).refusing())) {
            Sandbox box = sandbox().context(context).build();
            try (SandboxSession session = box.session();
                    SandboxProcess cat = session.start("cat")) {
                assertThat(session.run("/bin/true").succeeded()).isTrue();
                assertThat(cat.isAlive()).isTrue();
                assertThatThrownBy(() -> box.run("/bin/true")).hasMessageContaining("budget");
            }
            assertThat(box.run("/bin/true").succeeded()).isTrue();
        }
    }

    @Test
    void closingTheContextEndsTheQueue() throws Exception {
        CompletableFuture<SandboxResult> waiting;
        SandboxProcess cat;
        try (Hutch context = within(Budget.ofSandboxes(1))) {
            Sandbox box = sandbox().context(context).build();
            cat = box.start("cat");
            waiting = box.runAsync("/bin/true");
        }
        cat.close();
        assertThatThrownBy(waiting::get).hasStackTraceContaining("this context is closed");
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void memoryLimitsAddUpAndFollowTheirChanges() throws Exception {
        try (Hutch context = within(Budget.ofMemory(Size.mebibytes(192)).waiting(Duration.ofMillis(1)))) {
            Sandbox box = sandbox().context(context).memory(Size.mebibytes(64)).build();
            try (SandboxProcess first = box.start("cat");
                    SandboxProcess second = box.start("cat");
                    SandboxPool pool = SandboxPool.builder(box).minimum(2).build()) {
                first.updateLimits(memory(first, 128));
                assertThatThrownBy(() -> box.run("/bin/true")).hasMessageContaining("192m");
                assertThatThrownBy(() -> second.updateLimits(memory(second, 65)))
                        .hasMessageContaining("budget for 1m: more than is left");
                assertThat(second.limits().memory()).isEqualTo(Size.mebibytes(64));

                first.updateLimits(memory(first, 64));
                assertThat(pool.run("/bin/true").succeeded()).isTrue();
            }
        }
    }

    private static Limits memory(SandboxProcess process, long mebibytes) {
        return process.limits().toBuilder().memory(Size.mebibytes(mebibytes)).build();
    }

    /** A default that can't be enforced is left out else, and would be summed for nothing. */
    @Test
    void aSumOfMemoryNeedsLimitsThatHold() throws Exception {
        try (Hutch context = within(Budget.ofMemory(Size.gibibytes(2)))) {
            Sandbox box = sandbox().context(context).build();
            if (Need.CGROUP_ANY.missing().isEmpty()) {
                assertThat(box.run("/bin/true").enforced())
                        .anyMatch(each -> each.name().equals("memory") && each.enforced());
            } else {
                assertThatThrownBy(() -> box.run("/bin/true")).hasMessageContaining("memory");
            }
            Sandbox lenient = box.toBuilder().bestEffort(true).build();
            assertThatThrownBy(() -> lenient.run("/bin/true")).hasMessageContaining("leave bestEffort out");
        }
    }
}
