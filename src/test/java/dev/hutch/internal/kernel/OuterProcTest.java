// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.TestKernelFiles;
import org.junit.jupiter.api.Test;

class OuterProcTest {
    private static final String PROC = "20 1 0:5 / /proc rw,nosuid shared:3 - proc proc rw\n";
    private static final String BINFMT = "21 20 0:6 / /proc/sys/fs/binfmt_misc rw - binfmt_misc none rw\n";
    private static final String MASK = "22 20 0:7 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw\n";
    private static final String OTHER = "23 1 0:5 / /mnt/proc rw - proc proc rw\n";

    private static boolean masked(String mountinfo) throws Exception {
        return OuterProc.isMasked(new TestKernelFiles().text("/proc/self/mountinfo", mountinfo));
    }

    @Test
    void anOuterContainersMaskIsSeen() throws Exception {
        assertThat(masked(PROC + MASK)).isTrue();
        assertThat(masked(PROC + "24 20 0:5 /sys /proc/sys ro - proc proc rw\n"))
                .isTrue();
    }

    @Test
    void aHostsOwnMountsBelowItAreNone() throws Exception {
        assertThat(masked(PROC)).isFalse();
        assertThat(masked(PROC + BINFMT)).isFalse();
    }

    @Test
    void oneThatIsWholeElsewhereServes() throws Exception {
        assertThat(masked(PROC + MASK + OTHER)).isFalse();
    }

    @Test
    void linesOfNoSenseAreNone() throws Exception {
        assertThat(masked("")).isFalse();
        assertThat(masked("x\n1 2 3 / /proc\n1 2 3 / /proc rw -\n1 2 3 / /proc rw - -\n"))
                .isFalse();
    }
}
