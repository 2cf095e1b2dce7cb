// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Containers made ahead: each used once, as many as were asked for, and none left. */
@KernelTest(Need.USER_NAMESPACES)
class SandboxPoolKernelTest extends SandboxCase {
    private static SandboxPool pool(Sandbox box, int minimum, int maximum) throws Exception {
        SandboxPool pool =
                SandboxPool.builder(box).minimum(minimum).maximum(maximum).build();
        awaitReady(pool, minimum);
        return pool;
    }

    private static void awaitReady(SandboxPool pool, int containers) throws InterruptedException {
        while (pool.ready() != containers) {
            Thread.sleep(1);
        }
    }

    @Test
    void aProgramGetsAContainerThatWasMadeBeforeItWasAskedFor() throws Exception {
        Sandbox box = probed().build();
        try (SandboxPool pool = pool(box, 1, 1)) {
            assertThat(pool.run(PROBE, "exit", "3"))
                    .satisfies(result -> assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3)))
                    .satisfies(result -> assertThat(result.setup().fork()).isZero());
        }
        assertThat(box.run(PROBE, "exit", "3").setup().fork()).isPositive();
    }

    @Test
    void commandArgumentsEnvironmentDirectoryAndStreamsAreThoseOfTheTaker() throws Exception {
        try (SandboxPool pool = pool(sandbox().build(), 1, 1)) {
            Command command = Command.builder("/bin/sh", "-c", "pwd; echo $WORD $0; cat", "argument")
                    .environment("WORD", "word")
                    .directory(Path.of("/tmp"))
                    .input("input")
                    .build();
            assertThat(pool.run(command).out()).isEqualTo("/tmp\nword argument\ninput");
        }
    }

    @Test
    void everyWallIsThereAsWithoutAPool() throws Exception {
        Sandbox box = probed().hostname("same").build();
        String without = output(box, PROBE, "report");
        try (SandboxPool pool = pool(box, 1, 1)) {
            assertThat(withoutNumbersOfItsOwn(output(box, PROBE, "report"))).isEqualTo(withoutNumbersOfItsOwn(without));
        }
    }

    @Test
    void noContainerIsUsedTwice() throws Exception {
        Set<String> names = new HashSet<>();
        try (SandboxPool pool = pool(sandbox().build(), 2, 2)) {
            for (int i = 0; i < 20; i++) {
                assertThat(pool.run(
                                        "/bin/sh",
                                        "-c",
                                        "test ! -e /tmp/mark && touch /tmp/mark && cat /proc/sys/kernel/hostname")
                                .out())
                        .satisfies(name -> assertThat(names.add(name)).isTrue());
            }
        }
        assertThat(names).hasSize(20);
    }

    @Test
    void itGrowsWithWhatIsTakenAtOnceAndShrinksWhenIdle() throws Exception {
        Sandbox box = sandbox().build();
        try (SandboxPool pool = SandboxPool.builder(box)
                .minimum(1)
                .maximum(3)
                .idle(Duration.ofMillis(500))
                .build()) {
            List<SandboxProcess> running = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                running.add(pool.start("/bin/sleep", "1000"));
            }
            while (pool.ready() < 2) {
                running.add(pool.start("/bin/sleep", "1000"));
                Thread.sleep(20);
            }
            assertThat(pool.ready()).isLessThanOrEqualTo(3);
            awaitReady(pool, 1);
            running.forEach(SandboxProcess::close);
        }
    }

    /** Installing it is a tenth of what a launch takes. */
    @Test
    void itWaitsBehindItsFilter() throws Exception {
        Set<Long> before = zygotesChildren();
        try (SandboxPool pool = pool(probed().build(), 1, 1)) {
            long init = zygotesChildren().stream()
                    .filter(pid -> !before.contains(pid))
                    .findFirst()
                    .orElseThrow();
            ProcessHandle waiting =
                    ProcessHandle.of(init).orElseThrow().children().findFirst().orElseThrow();
            assertThat(Files.readString(Path.of("/proc", Long.toString(waiting.pid()), "status")))
                    .contains("\nSeccomp:\t2\n");
            assertThat(pool.run(PROBE, "exit", "5").outcome()).isEqualTo(new Outcome.Exited(5));
        }
    }

    @Test
    void oneThatWasKilledWhileItWaitedIsNotHandedOut() throws Exception {
        Set<Long> before = zygotesChildren();
        try (SandboxPool pool = pool(probed().build(), 2, 2)) {
            List<Long> waiting = new ArrayList<>(zygotesChildren());
            waiting.removeAll(before);
            assertThat(waiting).hasSize(2);
            for (long pid : waiting) {
                ProcessHandle init = ProcessHandle.of(pid).orElseThrow();
                init.destroyForcibly();
                init.onExit().get();
            }
            assertThat(pool.run(PROBE, "exit", "5").outcome()).isEqualTo(new Outcome.Exited(5));
        }
    }

    @Test
    void closedWhileOthersTakeItLeavesNothingAndLosesNoLaunch() throws Exception {
        Sandbox box = probed().build();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 5; round++) {
                SandboxPool pool = pool(box, 4, 8);
                List<Future<Outcome>> ends = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    String status = Integer.toString(i);
                    ends.add(
                            threads.submit(() -> pool.run(PROBE, "exit", status).outcome()));
                }
                ends.get(round).get();
                pool.close();
                for (int i = 0; i < 16; i++) {
                    assertThat(ends.get(i).get()).isEqualTo(new Outcome.Exited(i));
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aSandboxThatIsRefusedIsToldWhenThePoolIsMade() {
        Sandbox box = sandbox()
                .mount(new Mount.Bind(Path.of("/no/such/folder"), Path.of("/x"), true))
                .build();
        assertThatThrownBy(() -> SandboxPool.builder(box).build())
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("/no/such/folder");
    }

    @Test
    void aSandboxHasOnePoolAtATime() throws Exception {
        Sandbox box = sandbox().build();
        try (SandboxPool pool = pool(box, 1, 1)) {
            assertThatThrownBy(() -> SandboxPool.builder(box).build())
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("has one in this context");
            assertThat(pool.ready()).isEqualTo(1);
        }
        pool(box, 1, 1).close();
    }

    /** Clocks go on, memory and switches of tasks vary, and ids of the host, inodes and mounts' numbers are each container's own. */
    private static Map<String, String> withoutNumbersOfItsOwn(String report) {
        Map<String, String> values = new TreeMap<>(Inside.parse(report).values());
        values.keySet().removeIf(key -> key.matches("(clock|uptime|status[.](Vm|Rss|.*ctxt_switches)).*"));
        values.replaceAll((key, value) -> value.replaceAll("[0-9]{5,}|^[0-9]+ [0-9]+ [0-9]+:[0-9]+", "#"));
        return values;
    }

    private static Set<Long> zygotesChildren() {
        Set<Long> pids = new HashSet<>();
        ProcessHandle.current().children().forEach(zygote -> zygote.children().forEach(child -> pids.add(child.pid())));
        return pids;
    }
}
