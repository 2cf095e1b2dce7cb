// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Limits that were asked for, where nobody insists on them. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class BestEffortKernelTest extends SandboxCase {
    /** Enforced where there is a cgroup, and else left out and told: never neither. */
    @Test
    void aLimitIsEnforcedOrNamedInTheResult() throws Exception {
        boolean cgroup = Need.CGROUP_ANY.missing().isEmpty();
        Sandbox box = sandbox()
                .memory(Size.mebibytes(64))
                .pids(16)
                .cpuTime(Duration.ofSeconds(10))
                .bestEffort(true)
                .build();

        SandboxResult result = box.run("true");

        assertThat(result.succeeded()).isTrue();
        assertThat(result.enforced())
                .filteredOn(each -> each.name().matches("memory|pids-limit|cpu-time"))
                .hasSize(3)
                .allSatisfy(each -> assertThat(each.enforced()).isEqualTo(cgroup));
        if (!cgroup) {
            Sandbox insists = box.toBuilder().bestEffort(false).build();
            assertThatThrownBy(() -> insists.run("true")).isInstanceOf(SandboxException.class);
        }
    }

    @Test
    void whatHasNothingToDoWithCgroupsHoldsAllTheSame() throws Exception {
        SandboxResult result = sandbox().bestEffort(true).build().run("true");

        assertThat(result.enforced())
                .filteredOn(each -> each.name().matches(".*-namespace|seccomp|no-new-privs|rlimit-.*"))
                .hasSizeGreaterThan(9)
                .allMatch(Enforced::enforced);
    }
}
