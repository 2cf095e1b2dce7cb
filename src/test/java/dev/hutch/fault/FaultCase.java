// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.internal.launch.FaultyContext;
import dev.hutch.internal.launch.FaultyKernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.support.LeavesNothing;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;

/** Nothing is left on the host, whatever went wrong. */
abstract class FaultCase extends LeavesNothing {
    /** The zygote and what comes with it live as long as the JVM: they are no leftovers of the first test. */
    @BeforeAll
    static void startTheZygote() throws Exception {
        // Until its time is up: the thread that watches deadlines has started then, which a shorter program may outrun.
        Sandbox.builder().wallTime(Duration.ofMillis(50)).build().run("/bin/sleep", "60");
    }

    /** The program has ended well, and nothing of its container is left. */
    static void gone(LiveChild child) throws Exception {
        assertThat(child.ended().get().status()).isZero();
        child.gone().get();
    }

    /** Launches again and again, each time with the next of the kernel's calls failing, until none is left: how many told of it. */
    static int failEachCall(FaultyKernel kernel, FaultyContext context, SandboxSpec spec, String program)
            throws Exception {
        int failures = 0;
        for (int i = 0; i == 0 || !kernel.failed().isEmpty(); i++) {
            kernel.failAt(i);
            try {
                gone(context.launch(spec, program));
            } catch (SandboxException e) {
                failures++;
            }
        }
        kernel.failAt(-1);
        return failures;
    }
}
