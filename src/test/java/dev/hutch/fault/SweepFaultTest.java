// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JVM leaves that was killed, or that has no descriptors left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.GCC})
@Timeout(120)
class SweepFaultTest extends FaultCase {
    private static final Path LOCKS = Path.of("/run/hutch/cgroups");
    private static final int ROUNDS = 3;

    /** The lock file that a JVM holds while it has cgroups; others may have theirs beside it. */
    private static Path awaitLock(Process owner) throws Exception {
        while (owner.isAlive()) {
            try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(owner.pid()), "fd"))) {
                for (Path descriptor : descriptors.toList()) {
                    Path target = Files.exists(descriptor) ? Files.readSymbolicLink(descriptor) : descriptor;
                    // Not the folder itself, which the owner reads as well.
                    if (LOCKS.equals(target.getParent())) {
                        return target;
                    }
                }
            } catch (NoSuchFileException closedMeanwhile) {
                continue;
            }
            Thread.sleep(5);
        }
        throw new IllegalStateException("the owner has ended");
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** A lock file's name is its JVM's, and that of its folder in each hierarchy. */
    private static List<String> folders(List<Path> locks) {
        List<String> found = new ArrayList<>();
        List<File> places = new ArrayList<>(List.of(new File("/sys/fs/cgroup")));
        File[] hierarchies = new File("/sys/fs/cgroup").listFiles(File::isDirectory);
        places.addAll(hierarchies == null ? List.of() : List.of(hierarchies));
        for (File place : places) {
            for (Path lock : locks) {
                File folder = new File(place, "hutch/" + lock.getFileName());
                if (folder.isDirectory()) {
                    found.add(folder.getPath());
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "no-init", "pid-host"})
    void theNextContextRemovesWhatJvmsLeftThatWereKilledWhileTheyLaunched(String kind) throws Exception {
        List<Path> locks = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            Process owner = OtherJvm.start(List.of(), SandboxOwner.class, kind, "for-ever");
            try {
                assertThat(lines(owner).readLine()).isEqualTo("launching");
                locks.add(awaitLock(owner));
                Thread.sleep(61L * i);
            } finally {
                owner.destroyForcibly().waitFor();
            }
        }

        try (Hutch context = Hutch.builder().build()) {
            assertThat(context).isNotNull();
            while (locks.stream().anyMatch(Files::exists)) {
                Thread.sleep(10);
            }
        }
        assertThat(folders(locks)).isEmpty();
    }

    @Test
    void aJvmWithoutDescriptorsIsRefusedLaunchesAndLosesNone() throws Exception {
        Process jvm = OtherJvm.start(List.of(), FewDescriptors.class);
        String line = lines(jvm).readLine();

        assertThat(jvm.waitFor()).isZero();
        assertThat(line).matches("[1-9][0-9]* refused, 0 lost");
    }
}
