// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UserTasksTest {
    @Test
    void threadsCountAsTheKernelCountsThem() throws Exception {
        int own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");

        assertThat(UserTasks.of(own)).isGreaterThanOrEqualTo(Thread.activeCount());
        assertThat(UserTasks.of(1_999_999_999)).isZero();
    }
}
