// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A sandbox that runs is looked at, stopped, continued and given other limits. */
@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class LiveControlKernelTest extends SandboxCase {
    private static final CgroupMachine MACHINE = CgroupMachine.here();

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

    @Test
    void aPausedLoopUsesNoProcessorTimeAndGoesOnWhenItIsResumed() throws Exception {
        try (SandboxProcess process = shell("echo ready; while :; do :; done")) {
            awaitLine(process, "ready");
            process.pause();
            process.pause();
            Duration paused = cpu(process);
            Thread.sleep(100);
            assertThat(cpu(process)).isEqualTo(paused);

            process.resume();
            while (cpu(process).compareTo(paused) <= 0) {
                Thread.sleep(5);
            }
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void manyPausesWhileProcessesComeAndGoLeaveItRunning() throws Exception {
        try (SandboxProcess process = shell("echo ready; while :; do /bin/true; done")) {
            awaitLine(process, "ready");
            for (int i = 0; i < 40; i++) {
                process.pause();
                process.resume();
            }
            Duration before = cpu(process);
            while (cpu(process).compareTo(before) <= 0) {
                Thread.sleep(5);
            }
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void aPausedSandboxIsEndedByDestroyForciblyWithItsAccount() throws Exception {
        SandboxProcess process = shell("echo ready; while :; do :; done");
        try (process) {
            awaitLine(process, "ready");
            process.pause();
            process.destroyForcibly();
            assertThat(process.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
            assertThatThrownBy(process::pause)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("ended");
        }
        process.resume();
    }

    @Test
    void closingAPausedSandboxLeavesNothing() throws Exception {
        try (SandboxProcess process = shell("echo ready; read end")) {
            awaitLine(process, "ready");
            process.pause();
        }
    }

    @Test
    void aWallTimeThatComesDueWhilePausedEndsIt() throws Exception {
        Sandbox box = sandbox().wallTime(Duration.ofMillis(500)).build();
        try (SandboxProcess process = started(box, "echo ready; read end")) {
            awaitLine(process, "ready");
            process.pause();
            assertThat(process.result().outcome()).isInstanceOf(Outcome.Timeout.class);
        }
    }

    @Test
    void aContextIsClosedOverAPausedSandbox() throws Exception {
        Hutch context = Hutch.builder().build();
        SandboxProcess process = started(sandbox().context(context).build(), "echo ready; read end");
        try (context) {
            awaitLine(process, "ready");
            process.pause();
        }
        process.close();
    }

    @Test
    void aSignalToAPausedSandboxTakesEffectWhenItIsResumed() throws Exception {
        try (SandboxProcess process = shell("trap 'echo got; exit 7' TERM; echo ready; while :; do :; done")) {
            awaitLine(process, "ready");
            process.pause();
            process.destroy();
            assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
            process.resume();
            assertThat(process.waitFor()).isEqualTo(7);
        }
    }

    @Test
    void limitsAreRaisedAndLoweredWhileItRuns() throws Exception {
        Sandbox box = sandbox().pids(16).memory(Size.mebibytes(64)).build();
        try (SandboxProcess process = started(box, "echo ready; read end")) {
            awaitLine(process, "ready");
            for (int mebibytes : new int[] {256, 32}) {
                process.updateLimits(process.limits().toBuilder()
                        .memory(Size.mebibytes(mebibytes))
                        .cpus(0.5)
                        .cpuShares(512)
                        .pids(mebibytes / 2)
                        .build());
                String memory = MACHINE.isV1() ? "memory.limit_in_bytes" : "memory.max";
                assertThat(MACHINE.value("memory", process.pid(), memory))
                        .isEqualTo(Long.toString((long) mebibytes << 20));
                assertThat(MACHINE.value("pids", process.pid(), "pids.max")).isEqualTo(Integer.toString(mebibytes / 2));
                assertThat(MACHINE.value("cpu", process.pid(), MACHINE.isV1() ? "cpu.cfs_quota_us" : "cpu.max"))
                        .startsWith("50000");
            }
            process.getOutputStream().close();
            assertThat(process.result().enforced()).contains(Enforced.yes("pids-limit", "16"));
        }
    }

    @Test
    void raisedMemoryIsGranted() throws Exception {
        Sandbox box = sandbox().memory(Size.mebibytes(16)).build();
        String script = "echo ready; read go; head -c 30000000 /dev/zero | tail -c 30000000 > /dev/null && echo stored";
        try (SandboxProcess process = started(box, script)) {
            awaitLine(process, "ready");
            process.updateLimits(
                    process.limits().toBuilder().memory(Size.mebibytes(128)).build());
            process.getOutputStream().write('\n');
            process.getOutputStream().close();
            awaitLine(process, "stored");
        }
    }

    private static Duration cpu(SandboxProcess process) throws Exception {
        return process.usage().cpu().orElseThrow();
    }

    private static SandboxProcess shell(String script) throws Exception {
        return started(sandbox().build(), script);
    }

    private static SandboxProcess started(Sandbox box, String script) throws Exception {
        return box.start("/bin/sh", "-c", script);
    }
}
