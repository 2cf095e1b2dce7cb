// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Capability;
import dev.hutch.spec.SandboxException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProfileReaderTest {
    private static Profile read(String json) throws SandboxException {
        return ProfileReader.read("/p.json", json.replace('`', '"'), Architecture.X86_64);
    }

    private static Profile.Rule rule(String fields) throws SandboxException {
        String json = "{`defaultAction`: `SCMP_ACT_ERRNO`, `syscalls`: [{" + fields + "}]}";
        return read(json).rules().get(0);
    }

    @Test
    void readsARuleWithConditions() throws SandboxException {
        Profile.Rule rule = rule("`names`: [`clone`, `chown32`], `action`: `SCMP_ACT_ALLOW`, `args`: ["
                + "{`index`: 0, `value`: 2114060288, `valueTwo`: 0, `op`: `SCMP_CMP_MASKED_EQ`},"
                + "{`index`: 5, `value`: 18446744073709551615, `op`: `SCMP_CMP_LE`}]");
        assertThat(rule.names()).containsExactly("clone", "chown32");
        assertThat(rule.action()).isEqualTo(Action.ALLOW);
        assertThat(rule.args())
                .containsExactly(
                        new Condition(0, Condition.Operator.MASKED_EQ, 0x7e020000L, 0),
                        new Condition(5, Condition.Operator.LE, -1, 0));
    }

    static Stream<Arguments> actions() {
        return Stream.of(
                Arguments.of("`action`: `SCMP_ACT_KILL`", 0),
                Arguments.of("`action`: `SCMP_ACT_KILL_THREAD`", 0),
                Arguments.of("`action`: `SCMP_ACT_KILL_PROCESS`", 0x8000_0000),
                Arguments.of("`action`: `SCMP_ACT_TRAP`", 0x0003_0000),
                Arguments.of("`action`: `SCMP_ACT_LOG`", 0x7ffc_0000),
                Arguments.of("`action`: `SCMP_ACT_ERRNO`", 0x0005_0001),
                Arguments.of("`action`: `SCMP_ACT_ERRNO`, `errnoRet`: null", 0x0005_0001),
                Arguments.of("`action`: `SCMP_ACT_ERRNO`, `errnoRet`: 0", 0x0005_0000),
                Arguments.of("`action`: `SCMP_ACT_ERRNO`, `errnoRet`: 38, `errno`: `ENOSYS`", 0x0005_0026),
                Arguments.of("`action`: `SCMP_ACT_ERRNO`, `errno`: `EINVAL`", 0x0005_0016));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void readsActions(String fields, int code) throws SandboxException {
        assertThat(rule("`name`: `read`, " + fields).action().code()).isEqualTo(code);
    }

    @Test
    void dockersConditionsDecideWhichRulesCount() throws SandboxException {
        Profile.Rule rule = rule("`names`: [`bpf`], `action`: `SCMP_ACT_ALLOW`, `args`: null, `comment`: ``,"
                + "`includes`: {`caps`: [`CAP_BPF`, `CAP_PERFMON`], `arches`: [`amd64`, `x32`], `minKernel`: `5.8`},"
                + "`excludes`: {`caps`: [`CAP_SYS_ADMIN`, `CAP_KILL`]}");
        Set<Capability> both = Set.of(Capability.BPF, Capability.PERFMON);
        assertThat(rule.holds(now(Architecture.X86_64, both, 5, 8))).isTrue();
        assertThat(rule.holds(now(Architecture.X86_64, both, 6, 0))).isTrue();
        assertThat(rule.holds(now(Architecture.X86_64, both, 5, 7))).isFalse();
        assertThat(rule.holds(now(Architecture.AARCH64, both, 6, 0))).isFalse();
        assertThat(rule.holds(now(Architecture.X86_64, Set.of(Capability.BPF), 6, 0)))
                .isFalse();
        Set<Capability> excluded = Set.of(Capability.BPF, Capability.PERFMON, Capability.KILL);
        assertThat(rule.holds(now(Architecture.X86_64, excluded, 6, 0))).isFalse();
    }

    private static Circumstances now(Architecture architecture, Set<Capability> caps, int major, int minor) {
        return new Circumstances(architecture, caps, Set.of(), true, major, minor);
    }

    @Test
    void architecturesOfOthersAreNoObstacle() throws SandboxException {
        read("{`defaultAction`: `SCMP_ACT_ALLOW`, `architectures`: [`SCMP_ARCH_X86`, `SCMP_ARCH_X86_64`]}");
        read("{`defaultAction`: `SCMP_ACT_ALLOW`, `archMap`: [{`architecture`: `SCMP_ARCH_RISCV64`,"
                + " `subArchitectures`: null}]}");
    }

    static Stream<Arguments> malformed() {
        String open = "{`defaultAction`: `SCMP_ACT_ERRNO`, `syscalls`: [";
        String ok = "`names`: [`read`], `action`: `SCMP_ACT_ALLOW`";
        return Stream.of(
                Arguments.of("", "is not JSON"),
                Arguments.of("hello", "line 1, character"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_ALLOW`", "is not JSON"),
                Arguments.of("[]", "is an array, must be an object"),
                Arguments.of("{}", "has no defaultAction"),
                Arguments.of("{`defaultAction`: 1}", "defaultAction: is 1, must be a string"),
                Arguments.of("{`defaultAction`: `ALLOW`}", "defaultAction: 'ALLOW' is not one of SCMP_ACT_ALLOW"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_NOTIFY`}", "'SCMP_ACT_NOTIFY' is not supported yet"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_TRACE`}", "'SCMP_ACT_TRACE' is not supported yet"),
                Arguments.of(
                        "{`defaultAction`: `SCMP_ACT_ERRNO`, `defaultErrnoRet`: 4096}",
                        "is 4096, must be a whole number from 0 to 4095"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_ERRNO`, `defaultErrnoRet`: -1}", "is -1, must be a whole"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_KILL`, `defaultErrnoRet`: 1}", "does not take"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_ALLOW`, `sycalls`: []}", "'sycalls', which is unknown"),
                Arguments.of(
                        "{`defaultAction`: `SCMP_ACT_ALLOW`, `syscalls`: {}}",
                        "syscalls: is an object, must be an array"),
                Arguments.of(
                        "{`defaultAction`: `SCMP_ACT_ALLOW`, `architectures`: [`X86_64`]}",
                        "architectures[0]: 'X86_64' is no architecture"),
                Arguments.of(
                        "{`defaultAction`: `SCMP_ACT_ALLOW`, `architectures`: [`SCMP_ARCH_ARM`]}",
                        "does not have SCMP_ARCH_X86_64"),
                Arguments.of(
                        "{`defaultAction`: `SCMP_ACT_ALLOW`, `flags`: [`SECCOMP_FILTER_FLAG_LOG`]}",
                        "flags[0]: 'SECCOMP_FILTER_FLAG_LOG' is not supported"),
                Arguments.of("{`defaultAction`: `SCMP_ACT_ALLOW`, `listenerPath`: `/s`}", "listenerPath: is not supp"),
                Arguments.of(open + "7]}", "syscalls[0]: is 7, must be an object"),
                Arguments.of(open + "{`action`: `SCMP_ACT_ALLOW`}]}", "syscalls[0]: names no system call"),
                Arguments.of(open + "{`names`: [`read`]}]}", "syscalls[0]: has no action"),
                Arguments.of(
                        open + "{`names`: [1], `action`: `SCMP_ACT_ALLOW`}]}",
                        "syscalls[0].names[0]: is 1, must be a str"),
                Arguments.of(open + "{" + ok + "},{" + ok + ",`arg`: []}]}", "syscalls[1]: has 'arg', which"),
                arg(
                        ok,
                        "`index`: 6, `value`: 1, `op`: `SCMP_CMP_EQ`",
                        "args[0].index: is 6, must be a whole number from 0 to 5"),
                arg(ok, "`index`: 0, `value`: 1", "args[0]: has no op"),
                arg(ok, "`index`: 0, `op`: `SCMP_CMP_EQ`", "args[0]: has no value"),
                arg(
                        ok,
                        "`index`: 0, `value`: 1.5, `op`: `SCMP_CMP_EQ`",
                        "args[0].value: is 1.5, must be a whole number"),
                arg(
                        ok,
                        "`index`: 0, `value`: 18446744073709551616, `op`: `SCMP_CMP_EQ`",
                        "is 18446744073709551616, must be a whole number"),
                arg(
                        ok,
                        "`index`: 0, `value`: `1`, `op`: `SCMP_CMP_EQ`",
                        "args[0].value: is '1', must be a whole number"),
                arg(ok, "`index`: 0, `value`: 1, `op`: `SCMP_CMP_LIKE`", "args[0].op: 'SCMP_CMP_LIKE' is not one of"),
                arg(
                        ok,
                        "`index`: 0, `value`: 1, `op`: `SCMP_CMP_EQ`}, {`index`: 0, `value`: 2, `op`: `SCMP_CMP_EQ`",
                        "args[1]: is a second condition on argument 0"),
                Arguments.of(
                        open + "{" + ok + ", `includes`: {`caps`: [`CAP_FLY`]}}]}", "caps[0]: 'CAP_FLY' is no cap"),
                Arguments.of(open + "{" + ok + ", `includes`: {`arches`: [`vax`]}}]}", "arches[0]: 'vax' is no arch"),
                Arguments.of(open + "{" + ok + ", `includes`: {`minKernel`: `4`}}]}", "'4' is not a kernel version"),
                Arguments.of(open + "{" + ok + ", `includes`: {`allow`: [`all`]}}]}", "'all' is no word of --allow"),
                Arguments.of(open + "{" + ok + ", `includes`: {`init`: 1}}]}", "init: is 1, must be true or false"),
                Arguments.of("[".repeat(100_000), "is nested deeper"));
    }

    private static Arguments arg(String rule, String fields, String message) {
        return Arguments.of(
                "{`defaultAction`: `SCMP_ACT_ERRNO`, `syscalls`: [{" + rule + ", `args`: [{" + fields + "}]}]}",
                message);
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedProfilesNameThePlaceInOneLine(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(SandboxException.class)
                .hasMessageStartingWith("seccomp profile /p.json: ")
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void unknownCallsArePassedOver() throws SandboxException {
        Profile profile = read("{`defaultAction`: `SCMP_ACT_ERRNO`, `syscalls`:"
                + " [{`names`: [`no_such_call`, `read`, `chown32`], `action`: `SCMP_ACT_ALLOW`}]}");
        Ruling ruling =
                Ruling.of(profile, now(Architecture.X86_64, Set.of(), 6, 1), SyscallTable.of(Architecture.X86_64));
        assertThat(List.copyOf(ruling.calls().keySet())).containsExactly(0);
    }
}
