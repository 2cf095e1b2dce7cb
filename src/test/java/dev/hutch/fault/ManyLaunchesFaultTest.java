// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches in great number and at the same time: no exit is lost or mistaken for another, and nothing leaks. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ManyLaunchesFaultTest extends FaultCase {
    private static final int IN_A_ROW = 2000;
    private static final int AT_ONCE = 64;
    private static final int THREADS = 16;
    private static final String PROBE = Inside.DESTINATION.toString();

    private static Sandbox.Builder probed() {
        return Sandbox.builder().mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
    }

    /** Id ranges are locked a block at a time and kept for later: as many blocks as the tests need are no leftovers. */
    @BeforeAll
    static void takeIdsForAllAtOnce() throws Exception {
        List<SandboxProcess> together = new ArrayList<>();
        for (int i = 0; i < 2 * AT_ONCE; i++) {
            together.add(Sandbox.builder().build().start("/bin/cat"));
        }
        together.forEach(SandboxProcess::close);
    }

    @Test
    void twoThousandInARowOfEveryOutcomeLeaveNothing() throws Exception {
        Sandbox box = probed().outputLimit(Size.kibibytes(64)).build();
        for (int i = 0; i < IN_A_ROW; i++) {
            outcome(box, i);
        }
    }

    /** A program whose end is different each time, and known. */
    private static void outcome(Sandbox box, int i) throws Exception {
        switch (i % 8) {
            case 0 ->
                assertThatThrownBy(() -> box.run("/no/such/program"))
                        .isInstanceOf(SandboxException.class)
                        .hasMessageContaining("ENOENT");
            case 1 ->
                assertThat(box.run("/bin/sh", "-c", "kill -9 $$").outcome())
                        .isInstanceOfSatisfying(
                                Outcome.Signalled.class,
                                end -> assertThat(end.signal().number()).isEqualTo(9));
            case 2 ->
                assertThat(box.run("/bin/sh", "-c", "while echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; do :; done")
                                .outcome())
                        .isInstanceOf(Outcome.OutputLimit.class);
            case 3 -> {
                try (SandboxProcess process = box.start("/bin/cat")) {
                    assertThat(process.isAlive()).isTrue();
                }
            }
            default ->
                assertThat(box.run(PROBE, "exit", Integer.toString(i % 256)).outcome())
                        .isEqualTo(new Outcome.Exited(i % 256));
        }
    }

    @Test
    void eachOfManyAtOnceHasItsOwnExitAndItsOwnPipesAlone() throws Exception {
        Sandbox box = probed().build();
        List<Callable<Void>> launches = new ArrayList<>();
        for (int i = 0; i < AT_ONCE * 8; i++) {
            int number = i;
            launches.add(() -> {
                Command command = Command.builder(
                                "/bin/sh", "-c", "cat; echo /proc/self/fd/* >&2; exit " + number % 256)
                        .input("it is " + number)
                        .build();
                SandboxResult result = box.run(command);
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(number % 256));
                assertThat(result.out()).isEqualTo("it is " + number);
                assertThat(result.err().strip().split(" "))
                        .as("and the listing's own")
                        .hasSizeLessThanOrEqualTo(4);
                return null;
            });
        }
        allAtOnce(AT_ONCE, launches);
    }

    @Test
    void everyDescriptorInsideIsOneOfTheThreeWhileOthersAreHandedTheirs() throws Exception {
        Sandbox box = probed().build();
        List<Callable<Void>> launches = new ArrayList<>();
        for (int i = 0; i < AT_ONCE * 4; i++) {
            launches.add(() -> {
                assertThat(Inside.parse(box.run(PROBE, "report").out()).descriptors())
                        .containsExactly(0, 1, 2);
                return null;
            });
        }
        allAtOnce(THREADS, launches);
    }

    @Test
    void aPipeEndsWithItsOwnProgramWhileOthersStartAndRun() throws Exception {
        Sandbox box = probed().build();
        List<SandboxProcess> sleepers = new ArrayList<>();
        try {
            for (int i = 0; i < AT_ONCE; i++) {
                sleepers.add(box.start("/bin/sleep", "1000"));
                try (SandboxProcess process = box.start("/bin/echo", "done")) {
                    byte[] output = process.getInputStream().readAllBytes();
                    assertThat(new String(output, StandardCharsets.UTF_8)).isEqualTo("done\n");
                }
            }
            assertThat(sleepers).allMatch(SandboxProcess::isAlive);
        } finally {
            sleepers.forEach(SandboxProcess::close);
        }
    }

    @Test
    void etxtbsy_aFreshExecutableIsNotHeldOpenByOtherLaunches(@TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        byte[] program = Files.readAllBytes(Inside.program());
        Sandbox box = Sandbox.builder().bindReadOnly(folder, Path.of("/fresh")).build();
        List<Callable<Void>> launches = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Path file = folder.resolve("program-" + i);
            launches.add(() -> {
                Files.write(file, program);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
                SandboxResult result = box.run("/fresh/" + file.getFileName(), "exit", "7");
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(7));
                Files.delete(file);
                return null;
            });
        }
        allAtOnce(THREADS, launches);
    }

    @Test
    void limitsThatEndManyAtOnceAreToldApart() throws Exception {
        Sandbox box = probed().wallTime(Duration.ofMillis(300)).build();
        List<Callable<Void>> launches = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            launches.add(() -> {
                assertThat(box.run("/bin/sleep", "1000").outcome()).isInstanceOf(Outcome.Timeout.class);
                return null;
            });
        }
        allAtOnce(AT_ONCE, launches);
    }

    /** Every one must come to its end; the first failure is thrown. */
    private static void allAtOnce(int threads, List<Callable<Void>> launches) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (Future<Void> launch : pool.invokeAll(launches)) {
                launch.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
