// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Usage;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A sandbox that runs is looked at, stopped, continued and given other limits. */
@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class LiveControlKernelTest extends SandboxCase {
    @Test
    void usageTellsWhatIsChargedNowAndAfterTheEndWhatWasCountedLast() throws Exception {
        try (SandboxProcess process = shell("head -c 20000000 /dev/zero > /tmp/file; echo ready; read end")) {
            awaitLine(process, "ready");
            Usage now = process.usage();
            assertThat(now.memory().orElseThrow()).isBetween(20_000_000L, 60_000_000L);
            assertThat(now.peakMemory().orElseThrow()).isGreaterThanOrEqualTo(20_000_000L);
            assertThat(now.pids()).as("init and the shell").hasValue(2);
            assertThat(now.cpu().orElseThrow())
                    .isPositive()
                    .isEqualTo(now.user().orElseThrow().plus(now.system().orElseThrow()));

            process.getOutputStream().close();
            SandboxResult result = process.result();
            process.close();
            Usage last = process.usage();
            assertThat(last.cpu()).contains(result.account().cpu());
            assertThat(last.peakMemory()).hasValue(result.account().peakMemory());
            assertThat(last.pids()).as("nobody is inside any more").isEmpty();
        }
    }

    @Test
    void processorTimeOfARunningLoopGrows() throws Exception {
        try (SandboxProcess process = shell("echo ready; while :; do :; done")) {
            awaitLine(process, "ready");
            Duration before = process.usage().cpu().orElseThrow();
            while (process.usage().cpu().orElseThrow().compareTo(before.plusMillis(50)) < 0) {
                Thread.sleep(5);
            }
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void pressureIsToldOnV2() throws Exception {
        try (SandboxProcess process = shell("echo ready; read end")) {
            awaitLine(process, "ready");
            assertThat(process.usage().memoryPressure().isPresent())
                    .isEqualTo(java.nio.file.Files.exists(java.nio.file.Path.of("/proc/pressure/memory")));
        }
    }

    private static SandboxProcess shell(String script) throws Exception {
        return started(sandbox().build(), script);
    }

    private static SandboxProcess started(Sandbox box, String script) throws Exception {
        return box.start("/bin/sh", "-c", script);
    }
}
