// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.LiveSet;
import dev.hutch.support.LoggedWarnings;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A great many launches of every kind, 16 at a time: each has the end that it must have, and neither this JVM nor the host
 * nor the zygotes hold more after the last than after the first fifth. Properties: {@code hutch.soak}, how many (10,000);
 * {@code hutch.soak.seed}, to do the same again. A lane of its own:
 * {@code native-build/kernel-tests -Dhutch.soak=100000 SoakFaultTest}.
 */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.CGROUP_ANY, Need.GCC})
@Timeout(value = 2, unit = TimeUnit.HOURS) // a launch or a deed that hangs is found sooner, by itself
class SoakFaultTest extends FaultCase {
    private static final int LAUNCHES = Integer.getInteger("hutch.soak", Rounds.of(10_000));
    private static final long SEED = Long.getLong("hutch.soak.seed", System.nanoTime());
    private static final int IN_FLIGHT = 16;
    private static final int LONGEST_MILLIS = 100;
    private static final int FEWEST_FOR_A_MEASURE = 10_000;
    /** A leak of 50 bytes a launch is over it. What the JVM gathers with time was a tenth of it at most. */
    private static final long MARGIN = 400_000;

    private final AtomicBoolean failed = new AtomicBoolean();

    @Test
    void noEndIsLostAndNothingGrows() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT);
        try (LoggedWarnings warnings = new LoggedWarnings()) {
            try (SoakBoxes boxes = new SoakBoxes()) {
                launchAll(threads, boxes, 0, LAUNCHES / 5);
                long live = LiveSet.bytes();
                Map<Long, List<Long>> zygotes = zygotes();

                launchAll(threads, boxes, LAUNCHES / 5, LAUNCHES);
                if (LAUNCHES >= FEWEST_FOR_A_MEASURE) {
                    assertThat(LiveSet.bytes()).as("the heap's live set").isLessThan(live + MARGIN);
                }
                assertThat(zygotes()).as("each zygote's descriptors and mounts").isEqualTo(zygotes);
            }
            assertThat(warnings.all())
                    .as("what went wrong unseen, seed %d", SEED)
                    .isEmpty();
        } finally {
            threads.shutdownNow();
        }
        // What was forgotten without being closed holds pipes until it is collected.
        LiveSet.bytes();
    }

    private void launchAll(ExecutorService threads, SoakBoxes boxes, int from, int to) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        Callable<Void> launches = () -> {
            for (int i = next.getAndIncrement(); i < to && !failed.get(); i = next.getAndIncrement()) {
                launch(boxes, i);
            }
            return null;
        };
        List<Future<Void>> workers = threads.invokeAll(
                Collections.nCopies(IN_FLIGHT, launches),
                60_000L + (to - from) * LONGEST_MILLIS,
                TimeUnit.MILLISECONDS);
        for (Future<Void> worker : workers) {
            assertThat(worker.isCancelled()).as("a launch hangs, seed %d", SEED).isFalse();
            worker.get();
        }
        while (boxes.running() != 0) {
            Thread.sleep(5);
        }
    }

    private void launch(SoakBoxes boxes, int number) {
        Random random = new Random(SEED + number);
        SoakLaunch[] kinds = SoakLaunch.values();
        SoakLaunch kind = kinds[random.nextInt(kinds.length)];
        try {
            kind.launch(boxes, random);
        } catch (Throwable e) {
            failed.set(true);
            throw new AssertionError("launch " + number + ", " + kind + ", -Dhutch.soak.seed=" + SEED, e);
        }
    }

    /** How many descriptors each zygote has, and how many mounts it sees. */
    private static Map<Long, List<Long>> zygotes() throws IOException {
        Map<Long, List<Long>> counts = new TreeMap<>();
        for (ProcessHandle zygote : ProcessHandle.current().children().toList()) {
            Path proc = Path.of("/proc", Long.toString(zygote.pid()));
            try (Stream<Path> descriptors = Files.list(proc.resolve("fd"));
                    Stream<String> mounts = Files.lines(proc.resolve("mountinfo"))) {
                counts.put(zygote.pid(), List.of(descriptors.count(), mounts.count()));
            }
        }
        return counts;
    }
}
