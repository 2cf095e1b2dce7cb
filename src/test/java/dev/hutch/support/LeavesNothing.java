// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of which none may leave anything on the host. */
public abstract class LeavesNothing {
    private HostState before = new HostState(Map.of());

    @BeforeEach
    protected void lookBefore() {
        before = HostState.now();
    }

    @AfterEach
    protected void nothingStaysBehind() throws InterruptedException {
        assertThat(before.leftovers()).as("left behind").isEmpty();
    }

    /** Where it is the collector that finds what nobody holds any more. */
    protected void nothingStaysBehindOnceCollected() throws InterruptedException {
        assertThat(before.leftovers(System::gc)).as("left behind").isEmpty();
    }
}
