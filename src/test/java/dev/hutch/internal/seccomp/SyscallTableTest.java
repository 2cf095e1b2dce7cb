// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SyscallTableTest {
    private final SyscallTable x86 = SyscallTable.of(Architecture.X86_64);
    private final SyscallTable arm = SyscallTable.of(Architecture.AARCH64);

    @Test
    void newCallsHaveTheSameNumberOnBoth() {
        assertThat(x86.number("fchmodat2")).hasValue(452);
        assertThat(arm.number("fchmodat2")).hasValue(452);
        assertThat(arm.number("rseq_slice_yield")).hasValue(471);
    }

    @Test
    void oldCallsDiffer() {
        assertThat(x86.number("openat")).hasValue(257);
        assertThat(arm.number("openat")).hasValue(56);
        assertThat(arm.number("open")).isEmpty();
        assertThat(x86.name(59)).contains("execve");
        assertThat(x86.name(4096)).isEmpty();
    }

    @Test
    void agreesWithTheHeadersOfThisMachine() throws IOException {
        Path header = Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h");
        assumeTrue(Files.exists(header), "no kernel headers for x86-64 (Debian: linux-libc-dev)");
        Matcher line = Pattern.compile("#define __NR_(\\w+) (\\d+)").matcher(Files.readString(header));
        int seen = 0;
        for (; line.find(); seen++) {
            assertThat(x86.number(line.group(1))).as(line.group(1)).hasValue(Integer.parseInt(line.group(2)));
        }
        assertThat(seen).isGreaterThan(300);
    }

    @Test
    void agreesWithTheGenericHeadersWhereAarch64DoesNotDiffer() throws IOException {
        Path header = Path.of("/usr/include/asm-generic/unistd.h");
        assumeTrue(Files.exists(header), "no generic kernel headers (Debian: linux-libc-dev)");
        Matcher line = Pattern.compile("#define __NR_(\\w+) (\\d+)").matcher(Files.readString(header));
        int seen = 0;
        while (line.find()) {
            String name = line.group(1);
            if (!name.matches("syscalls|arch_specific_syscall|.*64|sync_file_range2")) {
                assertThat(arm.number(name)).as(name).hasValue(Integer.parseInt(line.group(2)));
                seen++;
            }
        }
        assertThat(seen).isGreaterThan(250);
    }
}
