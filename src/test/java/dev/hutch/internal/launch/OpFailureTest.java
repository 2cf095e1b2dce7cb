// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What failed, on what, the kernel's word for it, and what to do. */
class OpFailureTest {
    private static final Op EXECVE = Op.execve(List.of("/bin/x"), List.of("x"), List.of());

    private static SandboxException failed(Op op, Errno errno) {
        return OpFailure.of(List.of(Op.mountPrivate(), op), OpFailure.STAGE_OP, 1, errno.number());
    }

    @Test
    void theFailedOpIsNamedWithItsTargetAndErrno() {
        SandboxException failure = failed(Op.mkdir("home", "user", 0755, 0), Errno.EROFS);

        assertThat(failure.operation()).isEqualTo("mkdir");
        assertThat(failure.target()).isEqualTo("/home/user");
        assertThat(failure.errno()).contains(Errno.EROFS);
        assertThat(failure.cure()).contains("--ephemeral");
    }

    @ParameterizedTest
    @CsvSource({"2, no such program", "13, no file that the user inside may execute", "7, 2 MiB", "8, ELF"})
    void aProgramThatCannotRunHasTheUsualCauses(int errno, String cure) {
        assertThat(failed(EXECVE, new Errno(errno)).cure()).contains(cure);
    }

    @Test
    void aMaskedOuterProcIsToldApartFromAnyOtherRefusedMount() {
        assertThat(failed(Op.mountFs("proc", "proc", Map.of(), 0, 0), Errno.EPERM)
                        .cure())
                .contains("outer /proc");
        assertThat(failed(Op.mountFs("sysfs", "sys", Map.of(), 0, 0), Errno.EPERM)
                        .cure())
                .doesNotContain("outer /proc");
    }

    @ParameterizedTest
    @CsvSource({"1, 1, hutch doctor", "1, 28, user.max_", "6, 11, ulimit -u"})
    void aStageBeforeThePlanHasItsOwnCures(int stage, int errno, String cure) {
        assertThat(OpFailure.of(List.of(), stage, 0, errno).cure()).contains(cure);
    }

    @Test
    void anIndexBeyondThePlanIsToldWithoutAnOp() {
        assertThat(OpFailure.of(List.of(), OpFailure.STAGE_OP, 4, 1)).hasMessageContaining("stage 8");
    }
}
