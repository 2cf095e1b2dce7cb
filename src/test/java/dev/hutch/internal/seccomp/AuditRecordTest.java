// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records as kernels 6.1 and 6.18 write them. */
class AuditRecordTest {
    private static final String HEAD =
            "5,1021,37329944896,-;audit: type=1326 audit(1796089416.792:202): auid=4294967295"
                    + " uid=1372324840 gid=1372324840 ses=4294967295 ";
    private static final String TAIL = " sig=31 arch=c000003e syscall=83 compat=0 ip=0x7f5f98b0bf37 code=0x80000000";
    private static final int X86_64 = 0xc000003e;
    private static final int KILL = 0x8000_0000;

    private static Optional<AuditRecord> parse(String rest) {
        return AuditRecord.parse(HEAD + rest);
    }

    @Test
    void whoWasKilledForWhat() {
        assertThat(parse("pid=29342 comm=\"mkdir\" exe=\"/usr/bin/mkdir\"" + TAIL + "\n SUBSYSTEM=x\n"))
                .contains(new AuditRecord(1796089416792L, 1372324840L, 29342, "mkdir", X86_64, 83, KILL));
    }

    @Test
    void whatWasLoggedUnderALabelOfASecurityModule() {
        AuditRecord found = parse("subj=docker-default (enforce) pid=29342 comm=\"rm\" exe=\"/usr/bin/rm\" sig=0"
                        + " arch=c000003e syscall=263 compat=0 ip=0x7f5f98b0bf37 code=0x7ffc0000\n")
                .orElseThrow();

        assertThat(found.killed()).isFalse();
        assertThat(found.systemCall()).isEqualTo(263);
    }

    @Test
    void aCallThatIsNoneHasANegativeNumber() {
        assertThat(parse("pid=1 comm=\"a\" exe=(null) sig=31 arch=40000003 syscall=-5 compat=1 ip=0x4016cc"
                        + " code=0x0\n"))
                .hasValueSatisfying(found -> {
                    assertThat(found.systemCall()).isEqualTo(-5);
                    assertThat(found.killed()).isTrue();
                });
    }

    @Test
    void aCallOfX32HasItsWholeNumber() {
        assertThat(parse("pid=1 comm=\"a\" exe=\"/a\" sig=31 arch=c000003e syscall=1073741908 compat=0 ip=0x1"
                        + " code=0x80000000"))
                .map(AuditRecord::systemCall)
                .contains(1_073_741_908L);
    }

    @Test
    void aBackslashIsOne() {
        assertThat(parse("pid=1 comm=\"a\\x5cb\" exe=\"/a\"" + TAIL))
                .map(AuditRecord::program)
                .contains("a\\b");
    }

    @Test
    void aProgramThatCallsItselfAfterARecordIsTakenByItsWord() {
        assertThat(parse("pid=1 comm=612220756964 exe=2F6122" + TAIL))
                .map(AuditRecord::program)
                .contains("a\" uid");
    }

    /** A file of any name that crashes is in the log under that name, and a user of root's may write to it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4,1,2,-;x[7]: segfault at 0 ip 0 sp 0 error 4 in audit: type=1326 audit(1.100:1): auid=1 uid=1"
                        + " gid=1 ses=1 pid=1 comm=\"x\" exe=\"x\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x1"
                        + " code=0x80000000",
                "4,1,2,-;x: started with executable stack; audit: type=1326 audit(1.100:1): auid=1 uid=1 gid=1 ses=1"
                        + " pid=1 comm=\"x\" exe=\"x\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x80000000",
                "12,1,2,-;audit: type=1326 audit(1.100:1): auid=1 uid=1 gid=1 ses=1 pid=1 comm=\"x\" exe=\"x\" sig=31"
                        + " arch=c000003e syscall=83 compat=0 ip=0x1 code=0x80000000",
                "6,1,2,-;eth0: renamed\n5,1,2,-;audit: type=1326 audit(1.100:1): auid=1 uid=1 gid=1 ses=1 pid=1"
                        + " comm=\"x\" exe=\"x\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x80000000"
            })
    void whatAProgramBringsIntoTheLogIsNoRecord(String forged) {
        assertThat(AuditRecord.parse(forged)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pid=1 comm=\"a\" exe=\"a\" sig=31 arch=c000003e syscall=99999999999 compat=0 ip=0x1 code=0x80000000",
                "pid=1 comm=612 exe=\"a\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x80000000",
                "pid=1 comm=\"a\" exe=\"a\" sig=31 arch=c000003ec000003e syscall=83 compat=0 ip=0x1 code=0x80000000",
                "pid=1 comm=\"a\" exe=\"/a/very/long/path/that/the/kern"
            })
    void whatIsCutOrOutOfRangeIsNone(String rest) {
        assertThat(parse(rest)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "6,1,2,-;eth0: renamed from veth1",
                "",
                "5,1,2,-;audit: type=1400 audit(1796089416.792:202): apparmor=\"DENIED\"",
                "5,1,2,-;audit: type=1326 audit(1.2:3): auid=1 uid=x"
            })
    void anyOtherRecordIsNone(String record) {
        assertThat(AuditRecord.parse(record)).isEmpty();
    }
}
