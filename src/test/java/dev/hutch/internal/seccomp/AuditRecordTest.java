// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.SeccompViolation;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as kernels 6.1 and 6.18 write them. */
class AuditRecordTest {
    private static final String HEAD =
            "5,1021,37329944896,-;audit: type=1326 audit(1796089416.792:202): auid=4294967295"
                    + " uid=1372324840 gid=1372324840 ses=4294967295 ";

    private static Optional<AuditRecord> parse(String rest) {
        return AuditRecord.parse(HEAD + rest, Architecture.X86_64);
    }

    @Test
    void whoWasKilledForWhat() {
        assertThat(parse("pid=29342 comm=\"mkdir\" exe=\"/usr/bin/mkdir\" sig=31 arch=c000003e syscall=83 compat=0"
                        + " ip=0x7f5f98b0bf37 code=0x80000000\n"))
                .contains(new AuditRecord(1372324840L, new SeccompViolation("mkdir", "mkdir", true, 1)));
    }

    @Test
    void whatWasLoggedUnderALabelOfASecurityModule() {
        assertThat(parse("subj=docker-default (enforce) pid=29342 comm=\"rm\" exe=\"/usr/bin/rm\" sig=0 arch=c000003e"
                        + " syscall=263 compat=0 ip=0x7f5f98b0bf37 code=0x7ffc0000\n"))
                .map(AuditRecord::violation)
                .contains(new SeccompViolation("unlinkat", "rm", false, 1));
    }

    @Test
    void aCallOfAnotherArchitectureHasANumberOnly() {
        assertThat(parse("pid=1 comm=\"inside\" exe=\"/inside\" sig=31 arch=40000003 syscall=20 compat=1 ip=0x4016cc"
                        + " code=0x80000000\n"))
                .map(AuditRecord::violation)
                .contains(new SeccompViolation("20", "inside", true, 1));
    }

    @Test
    void aProgramThatCallsItselfAfterARecordIsTakenByItsWord() {
        assertThat(parse("pid=1 comm=612220756964 exe=\"/a\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x1"
                        + " code=0x80000000\n"))
                .map(found -> found.violation().program())
                .contains("a\" uid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "6,1,2,-;eth0: renamed from veth1",
                "",
                "5,1,2,-;audit: type=1400 audit(1796089416.792:202): apparmor=\"DENIED\"",
                "5,1,2,-;audit: type=1326 audit(1.2:3): auid=1 uid=x"
            })
    void anyOtherLineIsNone(String line) {
        assertThat(AuditRecord.parse(line, Architecture.X86_64)).isEmpty();
    }
}
