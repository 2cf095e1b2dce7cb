// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Memory and swap together: in the kernel's files everywhere, and held where the machine has swap. */
@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class SwapKernelTest extends SandboxCase {
    private static final CgroupMachine MACHINE = CgroupMachine.here();

    @Test
    @KernelTest(Need.SWAP_COUNTED)
    void unaskedNoSwapIsGranted() throws Exception {
        try (SandboxProcess process = waiting(Limits.builder().memory(Size.mebibytes(64)))) {
            assertThat(swapGranted(process)).isZero();
        }
    }

    @Test
    @KernelTest(Need.SWAP_COUNTED)
    void whatIsAskedBeyondMemoryIsGrantedAsSwap() throws Exception {
        try (SandboxProcess process = waiting(memoryAndSwap(64, 96))) {
            assertThat(swapGranted(process)).isEqualTo(32 << 20);
        }
    }

    @Test
    @KernelTest(Need.SWAP_COUNTED)
    void aRunningOnesSwapIsRaisedAndLowered() throws Exception {
        try (SandboxProcess process = waiting(memoryAndSwap(64, 96))) {
            process.updateLimits(memoryAndSwap(128, 256).build());
            assertThat(swapGranted(process)).isEqualTo(128 << 20);

            process.updateLimits(memoryAndSwap(32, 48).build());
            assertThat(swapGranted(process)).isEqualTo(16 << 20);
        }
    }

    @Test
    @KernelTest(Need.SWAP)
    void swap_theMemoryLimitCannotBePassedThroughSwap() throws Exception {
        SandboxResult result =
                limited(Limits.builder().memory(Size.mebibytes(64))).run(PROBE, "memhog", "150000000");

        assertThat(result.outcome()).isInstanceOf(Outcome.OutOfMemory.class);
    }

    @Test
    @KernelTest({Need.SWAP, Need.SWAP_COUNTED})
    void aProgramGoesBeyondItsMemoryAsFarAsSwapIsGranted() throws Exception {
        SandboxResult result = limited(memoryAndSwap(64, 256)).run(PROBE, "memhog", "150000000");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.account().oomKills()).isZero();
    }

    @Test
    @KernelTest({Need.SWAP, Need.SWAP_COUNTED})
    void beyondBothItIsOutOfMemory() throws Exception {
        SandboxResult result = limited(memoryAndSwap(64, 128)).run(PROBE, "memhog", "150000000");

        assertThat(result.outcome()).isInstanceOf(Outcome.OutOfMemory.class);
        assertThat(result.account().oomKills()).isPositive();
    }

    private static Limits.Builder memoryAndSwap(int memory, int both) {
        return Limits.builder().memory(Size.mebibytes(memory)).memorySwap(Size.mebibytes(both));
    }

    private static Sandbox limited(Limits.Builder limits) {
        return probed().limits(limits.build()).build();
    }

    private static SandboxProcess waiting(Limits.Builder limits) throws Exception {
        SandboxProcess process = limited(limits).start(PROBE, "wait");
        awaitLine(process, "waiting=yes");
        return process;
    }

    /** In bytes: v1's file counts memory too. */
    private static long swapGranted(SandboxProcess process) throws IOException {
        if (MACHINE.isV1()) {
            return number(process, "memory.memsw.limit_in_bytes") - number(process, "memory.limit_in_bytes");
        }
        return number(process, "memory.swap.max");
    }

    private static long number(SandboxProcess process, String file) throws IOException {
        return Long.parseLong(MACHINE.value("memory", process.pid(), file));
    }
}
