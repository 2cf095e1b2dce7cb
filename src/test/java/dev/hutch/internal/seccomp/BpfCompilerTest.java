// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BpfCompilerTest {
    private static final int X86_64 = Architecture.X86_64.auditArch();
    private final SyscallTable table = SyscallTable.of(Architecture.X86_64);

    private BpfInterpreter compile(Action otherwise, Profile.Rule... rules) throws SandboxException {
        Circumstances now = new Circumstances(Architecture.X86_64, Set.of(), Set.of(), true, 6, 1);
        Profile profile = new Profile(otherwise, List.of(rules));
        return new BpfInterpreter(BpfCompiler.compile(Ruling.of(profile, now, table), "test"));
    }

    private static Profile.Rule rule(Action action, String name, Condition... args) {
        return new Profile.Rule(List.of(name), action, List.of(args), Requirement.NONE, Requirement.NONE);
    }

    private static Condition condition(int index, String operator, long value, long two) {
        return new Condition(index, Condition.Operator.valueOf(operator), value, two);
    }

    @Test
    void aProfileWithoutRulesIsItsDefaultWithTheWallsAround() throws SandboxException {
        BpfInterpreter filter = compile(Action.ALLOW);
        assertThat(filter.run(X86_64, 0)).isEqualTo(Action.ALLOW.code());
        assertThat(filter.run(X86_64, 0x4000_0000))
                .as("x32")
                .isEqualTo(Action.errno(38).code());
        assertThat(filter.run(0x4000_0003, 0)).as("i386").isEqualTo(Action.KILL_PROCESS.code());
        assertThat(filter.size()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "EQ, 5, 5, true",
        "EQ, 5, 6, false",
        "EQ, 5, 4294967301, false",
        "EQ, 4294967301, 4294967301, true",
        "NE, 5, 5, false",
        "NE, 5, 4294967301, true",
        "GE, 4294967296, 4294967295, false",
        "GE, 4294967296, 4294967296, true",
        "GE, 5, -1, true",
        "GE, 0, 0, true",
        "GT, 5, 5, false",
        "GT, 5, 6, true",
        "GT, 4294967301, 8589934592, true",
        "GT, 4294967301, 6, false",
        "LT, 5, 4, true",
        "LT, 5, 5, false",
        "LT, 5, 4294967296, false",
        "LT, -1, -2, true",
        "LE, 5, 5, true",
        "LE, 5, 6, false",
        "LE, 4294967296, 4294967295, true"
    })
    void comparisonsAreUnsignedAndOf64Bits(String operator, long value, long argument, boolean holds)
            throws SandboxException {
        BpfInterpreter filter = compile(Action.errno(1), rule(Action.ALLOW, "read", condition(2, operator, value, 0)));
        int expected = holds ? Action.ALLOW.code() : Action.errno(1).code();
        assertThat(filter.run(X86_64, 0, 0, 0, argument)).isEqualTo(expected);
    }

    @Test
    void aMaskCanCutTheUpperHalfOff() throws SandboxException {
        BpfInterpreter filter =
                compile(Action.ALLOW, rule(Action.errno(1), "ioctl", condition(1, "MASKED_EQ", 0xffff_ffffL, 0x5412)));
        assertThat(filter.run(X86_64, 16, 0, 0xabcd_0000_5412L))
                .isEqualTo(Action.errno(1).code());
        assertThat(filter.run(X86_64, 16, 0, 0x5413)).isEqualTo(Action.ALLOW.code());
    }

    @Test
    void aMaskedValueOutsideItsMaskNeverMatches() throws SandboxException {
        BpfInterpreter filter = compile(Action.ALLOW, rule(Action.errno(1), "read", condition(0, "MASKED_EQ", 1, 2)));
        assertThat(filter.run(X86_64, 0, 2)).isEqualTo(Action.ALLOW.code());
        assertThat(filter.run(X86_64, 0, 3)).isEqualTo(Action.ALLOW.code());
    }

    @Test
    void theFirstRuleThatMatchesDecides() throws SandboxException {
        BpfInterpreter filter = compile(
                Action.KILL_PROCESS,
                rule(Action.errno(1), "read", condition(0, "EQ", 7, 0)),
                rule(Action.ALLOW, "read", condition(0, "GT", 5, 0)),
                rule(Action.errno(2), "read"),
                rule(Action.ALLOW, "read"));
        assertThat(filter.run(X86_64, 0, 7)).isEqualTo(Action.errno(1).code());
        assertThat(filter.run(X86_64, 0, 8)).isEqualTo(Action.ALLOW.code());
        assertThat(filter.run(X86_64, 0, 3)).isEqualTo(Action.errno(2).code());
    }

    @Test
    void callsThatFareAlikeShareTheirChecks() throws SandboxException {
        Condition[] mode = {condition(1, "MASKED_EQ", 06000, 0), condition(2, "MASKED_EQ", 0xff00, 0x1200)};
        Profile.Rule both = new Profile.Rule(
                List.of("mkdir", "creat"), Action.ALLOW, List.of(mode), Requirement.NONE, Requirement.NONE);
        int alone = compile(Action.errno(1), rule(Action.ALLOW, "mkdir", mode)).size();
        assertThat(compile(Action.errno(1), both).size()).isLessThanOrEqualTo(alone + 2);
    }

    @Test
    void jumpsReachFartherThanOneByteCounts() throws SandboxException {
        List<Profile.Rule> rules = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            String name = table.name(i).orElseThrow();
            for (int j = 0; j < 3; j++) {
                rules.add(rule(Action.errno(1 + i), name, condition(j, "EQ", 0x1_0000_0000L * (i + 1) + j, 0)));
            }
        }
        BpfInterpreter filter = compile(Action.ALLOW, rules.toArray(Profile.Rule[]::new));
        assertThat(filter.size()).isGreaterThan(2500);
        for (int i = 0; i < 250; i++) {
            long base = 0x1_0000_0000L * (i + 1);
            assertThat(filter.run(X86_64, i, 0, 0, base + 2))
                    .as("call %d", i)
                    .isEqualTo(Action.errno(1 + i).code());
            assertThat(filter.run(X86_64, i, 0, 0, 2)).as("call %d", i).isEqualTo(Action.ALLOW.code());
        }
    }

    @Test
    void aProgramThatTheKernelWouldRefuseIsRefusedHere() {
        List<Profile.Rule> rules = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            rules.add(rule(Action.ALLOW, "read", condition(0, "EQ", 0x1_0000_0001L * i, 0)));
        }
        assertThatThrownBy(() -> compile(Action.errno(1), rules.toArray(Profile.Rule[]::new)))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("the kernel takes 4096");
    }
}
