// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.Namespace;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LoggedWarnings;
import dev.hutch.support.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads do at random what can be done to a running sandbox, and each sees what a small model of it allows. Properties:
 * {@code hutch.interleavings}, how many sandboxes (20); {@code hutch.interleavings.seed}, to draw the same deeds again.
 */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.CGROUP_ANY})
@Timeout(value = 2, unit = TimeUnit.HOURS) // a launch or a deed that hangs is found sooner, by itself
class InterleavingKernelTest extends FaultCase {
    private static final int SANDBOXES = Integer.getInteger("hutch.interleavings", 20);
    private static final long SEED = Long.getLong("hutch.interleavings.seed", System.nanoTime());
    private static final int AT_ONCE = 2;
    private static final int THREADS = 4;
    private static final int BURSTS = 4;
    private static final int DEEDS = 6;
    private static final long LONGEST_SECONDS = 60;

    @Test
    void everyDeedHasAnEffectThatTheModelAllows() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (LoggedWarnings warnings = new LoggedWarnings()) {
            try (Hutch context = Hutch.builder().stock(2).build()) {
                for (int i = 0; i < SANDBOXES; i += AT_ONCE) {
                    List<Callable<Void>> sandboxes = new ArrayList<>();
                    for (int each = i; each < i + AT_ONCE; each++) {
                        long seed = SEED + each;
                        sandboxes.add(() -> oneSandbox(context, threads, seed));
                    }
                    complete(threads.invokeAll(sandboxes, LONGEST_SECONDS, TimeUnit.SECONDS), SEED + i);
                }
            }
            assertThat(warnings.all()).as("what went wrong unseen").isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void oneSandbox(Hutch context, ExecutorService threads, long seed) throws Exception {
        Random random = new Random(seed);
        Sandbox.Builder box = Sandbox.builder().context(context);
        int kind = random.nextInt(8);
        if (kind == 0) {
            box.init(false);
        } else if (kind == 1) {
            box.hostNamespace(Namespace.PID);
        } else if (kind == 2) {
            box.wallTime(Duration.ofMillis(5));
        }
        Interleaving sandbox = new Interleaving(box.build(), kind == 2);
        try {
            for (int burst = 0; burst < BURSTS; burst++) {
                List<Future<Void>> all = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    Random own = new Random(random.nextLong());
                    all.add(threads.submit(() -> deeds(sandbox, own)));
                }
                while (!all.stream().allMatch(Future::isDone)) {
                    Thread.sleep(10);
                    // An exec waits as long as the sandbox is paused, and there may be nobody left who resumes it.
                    sandbox.resume();
                }
                complete(all, seed);
                sandbox.rest();
            }
        } finally {
            sandbox.end();
        }
        return null;
    }

    private static Void deeds(Interleaving sandbox, Random random) throws Exception {
        for (int i = 0; i < DEEDS; i++) {
            sandbox.act(Interleaving.Deed.random(random), random);
        }
        return null;
    }

    private static void complete(List<Future<Void>> all, long seed) {
        for (Future<Void> each : all) {
            try {
                assertThat(each.isCancelled()).as("a deed that hangs").isFalse();
                each.get();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dhutch.interleavings.seed=" + seed + ": " + e, e);
            }
        }
    }
}
