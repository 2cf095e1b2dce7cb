// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.Budget;
import dev.hutch.spec.Capability;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.spec.User;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A context's stock of containers made ahead: used once each, and gone with the context. */
@KernelTest(Need.USER_NAMESPACES)
class StockKernelTest extends SandboxCase {
    private static final int STOCK = 2;
    private static final int MANY = 500;

    private final Set<ProcessHandle> before =
            Set.copyOf(ProcessHandle.current().children().toList());

    private List<ProcessHandle> waiting() {
        return ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .flatMap(ProcessHandle::children)
                .toList();
    }

    /** All are there and have come as far as they can: who makes them has nothing more to do. */
    private void awaitStock() throws InterruptedException {
        while (waiting().size() != STOCK || !makersRest()) {
            Thread.sleep(1);
        }
    }

    private static boolean makersRest() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("hutch-stock"))
                .allMatch(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().endsWith("DelayedWorkQueue")
                                && frame.getMethodName().equals("take")));
    }

    /** 1 for one that was; and then its container was not cloned for it. Whether the stock is filled by now it alone knows. */
    private static int fromStock(SandboxResult result) throws InterruptedException {
        Thread.sleep(20);
        return result.setup().fork().isZero() ? 1 : 0;
    }

    /** Twice: what was launched once may never come again. */
    private static Sandbox stocked(Hutch context) throws Exception {
        return usedTwice(sandbox().context(context).build());
    }

    /** One for which blanks are kept. */
    private static Sandbox mounting(Hutch context, Path folder) throws Exception {
        return usedTwice(sandbox()
                .context(context)
                .mount(new Mount.Bind(folder, Path.of("/data"), true))
                .build());
    }

    private static Sandbox usedTwice(Sandbox box) throws Exception {
        box.run("/bin/true");
        box.run("/bin/true");
        return box;
    }

    @Test
    void whatIsParkedWhenTheContextIsClosedLeavesNothing() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            stocked(context);
            awaitStock();
        }
    }

    @Test
    void aLaunchTakesOneThatWasMadeBeforeAndNoneServesTwice() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = stocked(context);
            Set<String> names = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                awaitStock();
                assertThat(names.add(output(box, "/bin/cat", "/proc/sys/kernel/hostname")))
                        .isTrue();
            }
            for (int i = 0; fromStock(box.run("/bin/true")) == 0; i++) {
                assertThat(i).as("launches that the stock did not serve").isLessThan(MANY);
            }
        }
    }

    @Test
    void whatWasPreparedServesTheNextLaunchOfItsSandboxAndNoOther() throws Exception {
        try (Hutch context = Hutch.builder().stock(0).build()) {
            Sandbox box = sandbox().context(context).build();
            Sandbox equal = sandbox().context(context).build();
            box.prepare();

            assertThat(equal.run("/bin/true").setup().fork()).isPositive();
            assertThat(box.run("/bin/true").setup().fork()).isZero();
            assertThat(box.run("/bin/true").setup().fork()).isPositive();
        }
    }

    @Test
    void whatWasPreparedForNothingIsGoneWithItsContext() throws Exception {
        try (Hutch context = Hutch.builder().stock(0).build()) {
            Sandbox box = sandbox().context(context).build();
            box.prepare();
            box.prepare();
            assertThat(waiting()).hasSize(2);
        }
        assertThat(waiting()).isEmpty();
    }

    @Test
    void underABudgetOfMemoryOnlyASandboxWithALimitOfItsOwnIsPrepared() throws Exception {
        try (Hutch context =
                Hutch.builder().budget(Budget.ofMemory(Size.gibibytes(4))).build()) {
            Sandbox box = sandbox().context(context).bestEffort(false).build();

            assertThatThrownBy(box::prepare)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("asks for its limit");
        }
    }

    @Test
    void oneThatWasKilledWhileItWaitedIsNotHandedOut() throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = stocked(context);
            awaitStock();
            for (ProcessHandle parked : waiting()) {
                parked.destroyForcibly();
                parked.onExit().get();
            }
            assertThat(box.run("/bin/sh", "-c", "exit 5").outcome()).isEqualTo(new Outcome.Exited(5));
        }
    }

    @Test
    @KernelTest({Need.ROOT, Need.IDMAP_HERE})
    void aFolderThatTookTheWorkspacesPlaceIsTheOneThatTheNextLaunchSees(@TempDir Path folder) throws Exception {
        Path work = folder.resolve("work");
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = sandbox().context(context).workspace(work).build();
            int served = 0;
            for (int i = 0; served < 2; i++) {
                Files.createDirectory(work);
                SandboxResult result = box.run("/bin/sh", "-c", "echo " + i + " > result");
                assertThat(work.resolve("result")).hasContent(i + "\n");
                Files.move(work, folder.resolve("done-" + i));
                served += fromStock(result);
                assertThat(i)
                        .as("launches, of which the stock served " + served)
                        .isLessThan(MANY);
            }
        }
    }

    /** Of these only the cgroup, the namespaces and the ids are made ahead, and serve whatever is mounted. */
    @Test
    @KernelTest({Need.ROOT, Need.IDMAP_HERE})
    void oneThatMountsFilesOfTheCallersFindsAllButItsSurroundingsMade(@TempDir Path folder) throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox usual = sandbox().context(context).build();
            Set<String> names = new HashSet<>();
            int served = 0;
            for (int i = 0; served < 4; i++) {
                Path work = Files.createDirectory(folder.resolve("work-" + i));
                Sandbox box = usual.toBuilder()
                        .workspace(work)
                        .environment("TURN", "turn " + i)
                        .build();
                SandboxResult result = box.run("/bin/sh", "-c", "echo $TURN > result; cat /proc/sys/kernel/hostname");
                assertThat(work.resolve("result")).hasContent("turn " + i + "\n");
                assertThat(names.add(result.out())).isTrue();
                assertThat(result.setup().plan()).isPositive();
                served += fromStock(result);
                assertThat(i)
                        .as("launches, of which the stock served " + served)
                        .isLessThan(MANY);
            }
        }
    }

    @Test
    @KernelTest(Need.ROOT)
    void aBlankHasTheLimitsIdsAndNamespacesOfItsKindAlone(@TempDir Path folder) throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = mounting(context, folder);
            awaitStock();

            for (Sandbox other : List.of(
                    box.toBuilder().limits(Limits.builder().pids(9).build()).build(),
                    box.toBuilder().init(false).build(),
                    box.toBuilder().user(User.of(77)).build(),
                    box.toBuilder()
                            .timeOffsets(new TimeOffsets(Duration.ofDays(1), Duration.ZERO))
                            .build(),
                    box.toBuilder()
                            .uidMappings(List.of(new IdMapping(1000, 70_000, 1)))
                            .gidMappings(List.of(new IdMapping(1000, 70_000, 1)))
                            .build(),
                    box.toBuilder().hostNamespace(Namespace.UTS).build())) {
                assertThat(other.run("/bin/true").setup().fork()).isPositive();
            }
            Sandbox alike = box.toBuilder()
                    .hostname("asked")
                    .capabilities(Set.of(Capability.CHOWN))
                    .build();
            SandboxResult named = alike.run("sh", "-c", "uname -n; grep CapEff /proc/self/status");
            for (int i = 0; fromStock(named) == 0; i++) {
                assertThat(i).as("launches that the stock did not serve").isLessThan(MANY);
                named = alike.run("sh", "-c", "uname -n; grep CapEff /proc/self/status");
            }
            assertThat(named.out()).isEqualTo("asked\nCapEff:\t0000000000000001\n");
        }
    }

    /** It is told what the cold launch tells, and leaves nothing of the blank. */
    @Test
    @KernelTest({Need.ROOT, Need.IDMAP_HERE})
    void aWorkspaceThatIsGoneFailsTheLaunchOfABlankToo(@TempDir Path folder) throws Exception {
        Path work = Files.createDirectory(folder.resolve("work"));
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = usedTwice(sandbox().context(context).workspace(work).build());
            awaitStock();
            Files.delete(work);

            assertThatThrownBy(() -> box.run("/bin/true")).hasMessageContaining(work.toString());
            Files.createDirectory(work);
            assertThat(box.run("/bin/true").outcome()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    @KernelTest(Need.ROOT)
    void aBlankThatWasKilledWhileItWaitedIsNotHandedOut(@TempDir Path folder) throws Exception {
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            Sandbox box = mounting(context, folder);
            awaitStock();
            for (ProcessHandle blank : waiting()) {
                blank.destroyForcibly();
                blank.onExit().get();
            }
            assertThat(box.run("/bin/sh", "-c", "exit 5").outcome()).isEqualTo(new Outcome.Exited(5));
        }
    }

    @Test
    @KernelTest(Need.ROOT)
    void blanksAreGoneWithTheContext(@TempDir Path folder) throws Exception {
        List<ProcessHandle> blanks;
        try (Hutch context = Hutch.builder().stock(STOCK).build()) {
            mounting(context, folder);
            awaitStock();
            blanks = waiting();
            assertThat(blanks).allMatch(ProcessHandle::isAlive);
        }
        // Whoever has adopted them reaps them when it comes to that.
        blanks.forEach(blank -> blank.onExit().join());
    }
}
