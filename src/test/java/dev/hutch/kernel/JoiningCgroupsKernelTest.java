// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.SandboxProcess;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LeavesNothing;
import dev.hutch.support.Need;
import dev.hutch.support.Strace;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How processes come into their cgroups, as the kernel was asked. A pid that is written to cgroup.procs waits for an RCU
 * grace period, and on version 1 moves whoever has that pid by then.
 */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.CGROUP_ANY, Need.STRACE})
class JoiningCgroupsKernelTest extends LeavesNothing {
    private static List<String> calls = List.of();

    /** Each kind of launch there is. */
    static final class Launches {
        private Launches() {}

        public static void main(String[] arguments) throws Exception {
            Sandbox box = Sandbox.builder().build();
            box.run("/bin/true");
            box.toBuilder().init(false).build().run("/bin/true");
            try (SandboxProcess first = box.start("/bin/cat");
                    SandboxProcess second = first.exec("/bin/true")) {
                second.waitFor();
            }
            try (SandboxPool pool = SandboxPool.builder(box).build()) {
                pool.run("/bin/true");
            }
        }
    }

    @BeforeAll
    static void watchLaunches() throws Exception {
        calls = Strace.of("write,pwrite64,writev,clone3,execve", Launches.class);
    }

    @Test
    void noProcessIsWrittenToCgroupProcs() {
        assertThat(calls)
                .filteredOn(line -> line.contains("execve(\"/bin/true\""))
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(calls)
                .filteredOn(line -> line.matches(".* (write|pwrite64|writev)\\([0-9]+<[^>]*/cgroup\\.procs>.*"))
                .isEmpty();
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void onVersion2TheyAreClonedIntoThem() {
        assertThat(calls).filteredOn(line -> line.contains("CLONE_INTO_CGROUP")).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    @KernelTest(Need.CGROUP_V1)
    void onVersion1EachWritesItselfToTasks() {
        assertThat(calls)
                .filteredOn(line -> line.contains(" write(") && line.contains("/tasks>"))
                .hasSizeGreaterThanOrEqualTo(4)
                .allMatch(line -> line.contains(">, \"0\", 1"));
    }
}
