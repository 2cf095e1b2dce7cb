// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.support.HostState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** The check that nothing is left on the host, whatever went wrong. */
abstract class FaultCase {
    private HostState before = new HostState(Map.of());

    /** The zygote and what comes with it live as long as the JVM: they are no leftovers of the first test. */
    @BeforeAll
    static void startTheZygote() throws Exception {
        // Until its time is up: the thread that watches deadlines has started then, which a shorter program may outrun.
        Sandbox.builder().wallTime(Duration.ofMillis(50)).build().run("/bin/sleep", "60");
    }

    @BeforeEach
    void lookBefore() {
        before = HostState.now();
    }

    @AfterEach
    void nothingStaysBehind() throws InterruptedException {
        assertThat(before.leftovers()).as("left behind").isEmpty();
    }

    /** Where it is the collector that finds what nobody holds any more. */
    void nothingStaysBehindOnceCollected() throws InterruptedException {
        assertThat(before.leftovers(System::gc)).as("left behind").isEmpty();
    }
}
