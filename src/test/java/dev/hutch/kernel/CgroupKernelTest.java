// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.NativeProgram;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class CgroupKernelTest extends SandboxCase {
    private static final CgroupMachine MACHINE = CgroupMachine.here();

    @Test
    @KernelTest(Need.CGROUP_V1)
    void theDefaultsAreInTheKernelsFilesOnV1() throws Exception {
        try (SandboxProcess process = waiting(probed().build())) {
            long pid = process.pid();
            assertThat(MACHINE.value("memory", pid, "memory.limit_in_bytes")).isEqualTo("1073741824");
            assertThat(MACHINE.value("cpu", pid, "cpu.shares")).isEqualTo("256");
            assertThat(MACHINE.value("pids", pid, "pids.max"))
                    .isEqualTo(Integer.toString(Limits.defaults().pids()));
        }
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void theDefaultsAreInTheKernelsFilesOnV2() throws Exception {
        try (SandboxProcess process = waiting(probed().build())) {
            long pid = process.pid();
            assertThat(MACHINE.value("memory", pid, "memory.max")).isEqualTo("1073741824");
            assertThat(MACHINE.value("cpu", pid, "cpu.weight")).isEqualTo("34");
            assertThat(MACHINE.value("pids", pid, "pids.max"))
                    .isEqualTo(Integer.toString(Limits.defaults().pids()));
        }
    }

    /** Kernels up to 5.15 hold that file; later ones take what is written and forget it, refuse it, or have none. */
    @Test
    @KernelTest(Need.CGROUP_V1)
    void theKernelsMemoryIsToldAsTheKernelHoldsIt() throws Exception {
        try (SandboxProcess process = waiting(limited(Limits.builder().memory(Size.mebibytes(64))))) {
            Path file = MACHINE.directory("memory", process.pid()).resolve("memory.kmem.limit_in_bytes");
            boolean held = Files.exists(file) && Files.readString(file).strip().equals("67108864");
            process.destroyForcibly();

            assertThat(process.result().enforced())
                    .contains(Enforced.yes("kernel-memory", held ? "67108864" : "within memory"));
        }
    }

    /** Also where the machine has mounted two together, as service managers do with the processor's. */
    @Test
    @KernelTest(Need.CGROUP_V1)
    void insideEachControllerIsFoundByItsName() throws Exception {
        Sandbox box = limited(Limits.builder().memory(Size.mebibytes(64)).cpuShares(512));

        assertThat(output(
                        box,
                        "sh",
                        "-ec",
                        "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.shares;"
                                + " test -e cpuacct/cpuacct.usage -a -e pids/pids.max"))
                .isEqualTo("67108864\n512\n");
    }

    @Test
    void theSandboxSeesItsOwnCgroupAsTheRoot() throws Exception {
        assertThat(report(probed().build()).lines("cgroup"))
                .allSatisfy(line -> assertThat(line).endsWith(":/"));
    }

    @Test
    void initAndCommandAreInTheContainersCgroupAndTheJvmIsNot() throws Exception {
        Path own = MACHINE.directory("pids", ProcessHandle.current().pid());
        try (SandboxProcess process = waiting(probed().build())) {
            Path its = MACHINE.directory("pids", process.pid());
            assertThat(its).isNotEqualTo(own);
            assertThat(Files.readAllLines(its.resolve("cgroup.procs")))
                    .hasSize(2)
                    .contains(Long.toString(process.pid()));
        }
        assertThat(MACHINE.directory("pids", ProcessHandle.current().pid())).isEqualTo(own);
    }

    @Test
    void aMemoryHogIsReportedAsOutOfMemory() throws Exception {
        SandboxResult result =
                limited(Limits.builder().memory(Size.mebibytes(64))).run(PROBE, "memhog", "1000000000");

        assertThat(result.outcome()).isInstanceOf(Outcome.OutOfMemory.class);
        assertThat(result.exitStatus()).isEqualTo(137);
        assertThat(result.account().oomKills()).isPositive();
        assertThat(result.account().peakMemory()).isBetween(60L << 20, 65L << 20);
    }

    @Test
    void memoryBelowTheLimitIsGranted() throws Exception {
        SandboxResult result =
                limited(Limits.builder().memory(Size.mebibytes(64))).run(PROBE, "memhog", "20000000");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.account().oomKills()).isZero();
        assertThat(result.account().peakMemory()).isBetween(20_000_000L, 64L << 20);
    }

    @Test
    void aKilledChildIsCountedAndTheCommandsOwnExitStands() throws Exception {
        SandboxResult result =
                limited(Limits.builder().memory(Size.mebibytes(64))).run(PROBE, "memhog-child", "1000000000");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.out()).isEqualTo("child=killed\n");
        assertThat(result.account().oomKills()).isEqualTo(1);
    }

    @Test
    void aForkBombStopsAtThePidsLimit() throws Exception {
        SandboxResult result = limited(Limits.builder().pids(16)).run(PROBE, "forkbomb");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
        assertThat(result.out()).contains("errno=EAGAIN");
        assertThat(result.account().pidsLimitHits()).isPositive();
        assertThat(result.account().peakPids()).isIn(0L, 16L);
    }

    @Test
    void aProgramBelowThePidsLimitHitsNothing() throws Exception {
        SandboxResult result = limited(Limits.builder().pids(16)).run(PROBE, "zombies", "5");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.account().pidsLimitHits()).isZero();
    }

    @Test
    void theProcessorQuotaIsInTheKernelsFiles() throws Exception {
        try (SandboxProcess process = waiting(limited(Limits.builder().cpus(0.5).cpuShares(512)))) {
            if (MACHINE.isV1()) {
                long period = Long.parseLong(MACHINE.value("cpu", process.pid(), "cpu.cfs_period_us"));
                assertThat(Long.parseLong(MACHINE.value("cpu", process.pid(), "cpu.cfs_quota_us")))
                        .isEqualTo(period / 2);
                assertThat(MACHINE.value("cpu", process.pid(), "cpu.shares")).isEqualTo("512");
            } else {
                assertThat(MACHINE.value("cpu", process.pid(), "cpu.max")).isEqualTo("50000 100000");
            }
        }
    }

    @Test
    void theProcessorSetHoldsInside() throws Exception {
        Sandbox box = limited(Limits.builder().cpusetCpus("0"));

        assertThat(report(box).text("status.Cpus_allowed_list")).isEqualTo("0");
    }

    @Test
    void processorTimeOfTheWholeTreeIsCountedAndLimited() throws Exception {
        SandboxResult result = probed().cpuTime(Duration.ofMillis(300))
                .wallTime(Duration.ofMinutes(1))
                .build()
                .run(PROBE, "cpuhog");

        assertThat(result.outcome()).isInstanceOf(Outcome.CpuTimeout.class);
        assertThat(result.exitStatus()).isEqualTo(124);
        assertThat(result.account().cpu()).isGreaterThanOrEqualTo(Duration.ofMillis(290));
    }

    @Test
    void big_bss_staticDataBeyondTheLimitIsReportedAsMemory() throws Exception {
        SandboxResult result = sandbox()
                .mount(new Mount.Bind(NativeProgram.of("big_bss"), Path.of("/big_bss"), true))
                .limits(Limits.builder().memory(Size.mebibytes(64)).build())
                .build()
                .run("/big_bss");

        assertThat(result.outcome()).isInstanceOf(Outcome.OutOfMemory.class);
    }

    @Test
    void aTmpfsIsChargedToTheMemoryLimit() throws Exception {
        SandboxResult result = limited(Limits.builder().memory(Size.mebibytes(32)))
                .run("/bin/sh", "-c", "head -c 200000000 /dev/zero > /tmp/file; echo $?");

        assertThat(result.account().peakMemory()).isLessThanOrEqualTo(33L << 20);
        assertThat(result.out()).isNotEqualTo("0\n");
    }

    private static Sandbox limited(Limits.Builder limits) {
        return probed().limits(limits.build()).build();
    }

    private static SandboxProcess waiting(Sandbox box) throws Exception {
        SandboxProcess process = box.start(PROBE, "wait");
        awaitLine(process, "waiting=yes");
        return process;
    }
}
