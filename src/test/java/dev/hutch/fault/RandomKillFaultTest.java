// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Signal;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.JvmLocks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.QuietLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * JVMs, zygotes and first processes are killed at random moments of all that can be going on. Property:
 * {@code hutch.kills.seed}, to draw the same moments again.
 */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.CGROUP_ANY, Need.GCC})
@ExtendWith(QuietLog.class)
class RandomKillFaultTest extends FaultCase {
    private static final long SEED = Long.getLong("hutch.kills.seed", System.nanoTime());
    private static final int JVMS = 12;
    private static final int KILLS = 150;
    private static final int THREADS = 8;
    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Random random = new Random(SEED);

    @Test
    @Timeout(300)
    void aSweepLeavesNothingOfTheDeadAndTouchesNeitherTheLivingNorWhatIsNotOurs() throws Exception {
        Process living = OtherJvm.start(List.of(), SandboxOwner.class, "init");
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        List<Path> foreign = new ArrayList<>();
        try {
            List<Long> inmates = inmates(living);
            List<Path> lock = List.of(JvmLocks.await(living));
            for (Path mount : CgroupMachine.here().mountPoints()) {
                Path folder = Files.createDirectories(mount.resolve("hutch/jvm-foreign/container"));
                foreign.add(folder);
                // One of cpuset's that has no processors yet takes nobody in.
                if (!Files.exists(folder.resolve("cpuset.cpus"))) {
                    Files.writeString(folder.resolve("cgroup.procs"), Long.toString(stranger.pid()));
                }
            }
            List<String> folders = JvmLocks.folders(lock);
            for (int i = 0; i < JVMS; i++) {
                killOneAndSweep(i);
                assertThat(JvmLocks.folders(lock))
                        .as("the living JVM's, seed %d", SEED)
                        .isEqualTo(folders);
                assertThat(inmates)
                        .as("its programs, seed %d", SEED)
                        .allMatch(pid -> ProcessHandle.of(pid).isPresent());
                assertThat(stranger.isAlive())
                        .as("a process in cgroups that are not ours")
                        .isTrue();
                assertThat(foreign).allMatch(Files::isDirectory);
            }
        } finally {
            living.destroyForcibly().waitFor();
            stranger.destroyForcibly().waitFor();
            for (Path folder : foreign) {
                Files.delete(folder);
                Files.delete(folder.getParent());
            }
        }
    }

    private void killOneAndSweep(int number) throws Exception {
        Process victim = OtherJvm.start(
                List.of("-Djava.io.tmpdir=" + TEMPORARY), KillVictim.class, Long.toString(SEED + number));
        List<Path> lock;
        try {
            assertThat(lines(victim).readLine()).isEqualTo("launching");
            lock = List.of(JvmLocks.await(victim));
            for (int kills = random.nextInt(4); kills > 0; kills--) {
                Thread.sleep(random.nextInt(100));
                killOneOf(victim.toHandle());
            }
            Thread.sleep(random.nextInt(300));
        } finally {
            victim.destroyForcibly().waitFor();
        }
        try (Hutch context = Hutch.builder().build()) {
            assertThat(context).isNotNull();
            JvmLocks.awaitSweep(lock);
        }
        assertThat(JvmLocks.processes(lock))
                .as("processes after the sweep, seed %d", SEED)
                .isEmpty();
        assertThat(JvmLocks.folders(lock))
                .as("cgroups after the sweep, seed %d", SEED)
                .isEmpty();
    }

    /** A zygote, or a first process of one's. */
    private void killOneOf(ProcessHandle jvm) {
        List<ProcessHandle> family = jvm.children()
                .flatMap(zygote -> Stream.concat(Stream.of(zygote), zygote.children()))
                .toList();
        if (!family.isEmpty()) {
            family.get(random.nextInt(family.size())).destroyForcibly();
        }
    }

    private static List<Long> inmates(Process owner) throws IOException {
        BufferedReader lines = lines(owner);
        List<Long> pids = new ArrayList<>();
        for (String line = lines.readLine(); !"ready".equals(line); line = lines.readLine()) {
            pids.add(Long.valueOf(line));
        }
        return pids;
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    @Timeout(120)
    void whateverIsKilledEachLaunchHasItsEndOrAClearErrorAndTheContextWorksOn() throws Exception {
        Set<ProcessHandle> before =
                Set.copyOf(ProcessHandle.current().children().toList());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger well = new AtomicInteger();
        try (Hutch context = Hutch.builder().stock(2).build()) {
            Sandbox box = Sandbox.builder().context(context).build();
            List<Future<?>> launching = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int status = i;
                launching.add(threads.submit(() -> {
                    while (!over.get()) {
                        well.addAndGet(launch(box, status));
                    }
                    return null;
                }));
            }
            for (int i = 0; i < KILLS; i++) {
                Thread.sleep(random.nextInt(20));
                killSomething(before);
            }
            over.set(true);
            for (Future<?> each : launching) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(box.run("/bin/sh", "-c", "exit 3").outcome()).isEqualTo(new Outcome.Exited(3));
        } finally {
            threads.shutdownNow();
        }
        assertThat(well.get()).as("launches that went well meanwhile").isPositive();
    }

    /** A first process nine times of ten, else the zygote with all that it has. */
    private void killSomething(Set<ProcessHandle> before) {
        List<ProcessHandle> zygotes = ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .toList();
        List<ProcessHandle> targets = random.nextInt(10) == 0
                ? zygotes
                : zygotes.stream().flatMap(ProcessHandle::children).toList();
        if (!targets.isEmpty()) {
            targets.get(random.nextInt(targets.size())).destroyForcibly();
        }
    }

    /** 1 where it went well, 0 where it was shot down and said so. */
    private static int launch(Sandbox box, int status) throws InterruptedException {
        String script = "exit " + status;
        Outcome outcome;
        try (SandboxProcess process = box.start("/bin/sh", "-c", script)) {
            outcome = process.result().outcome();
        } catch (SandboxException | UncheckedIOException e) {
            assertThat(e).hasMessageMatching("(?s).*(zygote|killed|ended|without telling|start again).*");
            return 0;
        } catch (IOException e) {
            throw new AssertionError("seed " + SEED, e);
        }
        assertThat(outcome).isIn(new Outcome.Exited(status), new Outcome.Signalled(Signal.SIGKILL));
        return outcome instanceof Outcome.Exited ? 1 : 0;
    }
}
