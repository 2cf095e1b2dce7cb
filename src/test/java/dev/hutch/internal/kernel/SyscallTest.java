// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.seccomp.Architecture;
import dev.hutch.internal.seccomp.SyscallTable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The numbers here are those of the table that filters are made from. */
class SyscallTest {
    @ParameterizedTest
    @EnumSource
    void theNumberIsTheTables(Syscall call) {
        assertThat(SyscallTable.of(Architecture.X86_64).number(call.word())).hasValue(call.x86());
        assertThat(SyscallTable.of(Architecture.AARCH64).number(call.word())).hasValue(call.aarch64());
    }
}
