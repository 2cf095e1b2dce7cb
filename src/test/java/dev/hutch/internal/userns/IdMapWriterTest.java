// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.doReturn;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Errno;
import dev.hutch.support.TestKernelFiles;
import org.junit.jupiter.api.Test;

class IdMapWriterTest {
    private final TestKernelFiles files = new TestKernelFiles()
            .text("/proc/77/uid_map", "")
            .text("/proc/77/gid_map", "")
            .text("/proc/77/setgroups", "allow");
    private final Kernel kernel = files.asKernel();

    @Test
    void rootWritesBothMapsAndLeavesSetgroupsAllowed() throws Exception {
        doReturn(0).when(kernel).effectiveUid();
        new IdMapWriter(kernel, kernel.effectiveUid() == 0).write(77, IdMaps.of(new IdSpan(524_288, 65_536)));
        assertThat(files.writes())
                .containsExactly("/proc/77/uid_map=0 524288 65536\n", "/proc/77/gid_map=0 524288 65536\n");
    }

    @Test
    void aPlainUserDeniesSetgroupsBeforeTheGroupMap() throws Exception {
        new IdMapWriter(kernel, kernel.effectiveUid() == 0).write(77, IdMaps.single(1000, 1001, 1000, 100));
        assertThat(files.writes())
                .containsExactly(
                        "/proc/77/setgroups=deny", "/proc/77/uid_map=1000 1001 1\n", "/proc/77/gid_map=1000 100 1\n");
    }

    @Test
    void aRefusalNamesTheFileTheMapAndTheCure() {
        files.failing("/uid_map", Errno.EPERM);
        assertThatThrownBy(() -> new IdMapWriter(kernel, kernel.effectiveUid() == 0)
                        .write(77, IdMaps.single(1000, 1001, 1000, 100)))
                .hasMessageContaining("/proc/77/uid_map: EPERM")
                .hasMessageContaining("1000 1001 1")
                .hasMessageContaining("hutch doctor");
    }

    @Test
    void theSetUidProgramGetsThePidAndEveryLine() {
        IdSpan sub = new IdSpan(100_000, 65_536);
        assertThat(NewIdMapCommand.words(
                        "newuidmap",
                        77,
                        IdMaps.around(1, 1001, sub, 1, 1001, sub).uids()))
                .containsExactly("newuidmap", "77", "0", "100000", "1", "1", "1001", "1", "2", "100001", "65535");
    }
}
