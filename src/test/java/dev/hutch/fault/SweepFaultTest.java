// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.support.JvmLocks;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.Tool;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JVM leaves that was killed, or that has no descriptors left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.GCC})
@Timeout(120)
class SweepFaultTest extends FaultCase {
    private static final int ROUNDS = 3;

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "no-init", "pid-host"})
    void theNextContextRemovesWhatJvmsLeftThatWereKilledWhileTheyLaunched(String kind) throws Exception {
        List<Path> locks = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            Process owner = OtherJvm.start(List.of(), SandboxOwner.class, kind, "for-ever");
            try {
                assertThat(lines(owner).readLine()).isEqualTo("launching");
                locks.add(JvmLocks.await(owner));
                Thread.sleep(61L * i);
            } finally {
                owner.destroyForcibly().waitFor();
            }
        }

        try (Hutch context = Hutch.builder().build()) {
            assertThat(context).isNotNull();
            JvmLocks.awaitSweep(locks);
        }
        assertThat(JvmLocks.folders(locks)).isEmpty();
    }

    /** The one that could still let its inmates go on is killed before it can: version 1's freezer then holds them. */
    @Test
    @KernelTest(Need.CGROUP_V1)
    void whatIsPausedEndsByTheSweepWhereJvmAndZygoteWereKilledTogether() throws Exception {
        Process owner = OtherJvm.start(List.of(), SandboxOwner.class, "paused");
        List<Path> locks = new ArrayList<>();
        try {
            BufferedReader lines = lines(owner);
            for (String line = lines.readLine(); !"ready".equals(line); line = lines.readLine()) {
                assertThat(line).as("the owner lives").isNotNull();
            }
            locks.add(JvmLocks.await(owner));
            List<ProcessHandle> zygote = owner.children().toList();
            Tool.run("kill", "-STOP", Long.toString(owner.pid()));
            zygote.forEach(ProcessHandle::destroyForcibly);
        } finally {
            owner.destroyForcibly().waitFor();
        }
        assertThat(JvmLocks.processes(locks)).as("frozen").isNotEmpty();

        try (Hutch context = Hutch.builder().build()) {
            assertThat(context).isNotNull();
            JvmLocks.awaitSweep(locks);
        }
        assertThat(JvmLocks.processes(locks)).isEmpty();
        assertThat(JvmLocks.folders(locks)).isEmpty();
    }

    @Test
    void aJvmWithoutDescriptorsIsRefusedLaunchesAndLosesNone() throws Exception {
        Process jvm = OtherJvm.start(List.of(), FewDescriptors.class);
        String line = lines(jvm).readLine();

        assertThat(jvm.waitFor()).isZero();
        assertThat(line).matches("[1-9][0-9]* refused, 0 lost");
    }
}
