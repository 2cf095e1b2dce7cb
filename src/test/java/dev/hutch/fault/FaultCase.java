// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Sandbox;
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
}
