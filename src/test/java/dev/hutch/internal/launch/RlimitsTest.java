// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Rlimit;
import org.junit.jupiter.api.Test;

class RlimitsTest {
    @Test
    void noPriorityOfTheJvmsIsHandedOn() {
        assertThat(Rlimits.of(Sandbox.builder().build().spec()))
                .contains(new Rlimit(Rlimit.Resource.RTPRIO, 0, 0), new Rlimit(Rlimit.Resource.NICE, 0, 0));
    }

    @Test
    void whatTheCallerAskedForIsInPlaceOfTheDefault() {
        Rlimit asked = new Rlimit(Rlimit.Resource.RTPRIO, 1, 2);

        assertThat(Rlimits.of(Sandbox.builder().rlimit(asked).build().spec()))
                .contains(asked)
                .doesNotHaveDuplicates()
                .filteredOn(limit -> limit.resource() == Rlimit.Resource.RTPRIO)
                .hasSize(1);
    }
}
