// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.SandboxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FenceProfileTest {
    private static final int COMMAND = 4711;
    private static final int OTHER = 4712;
    private static final long GARBAGE = 0xdead_0000_0000L;
    private static final int ALLOW = Action.ALLOW.code();
    private static final int EPERM = Action.errno(1).code();
    private static final int EAFNOSUPPORT = Action.errno(97).code();

    private static int answer(int version, boolean network, boolean ownIds, String call, long... args)
            throws SandboxException {
        byte[] filter = SeccompFilters.fence(version, network, ownIds, COMMAND, Architecture.X86_64);
        int number = SyscallTable.of(Architecture.X86_64).number(call).orElseThrow();
        long[] six = new long[6];
        System.arraycopy(args, 0, six, 0, args.length);
        return new BpfInterpreter(filter).run(Architecture.X86_64.auditArch(), number, six);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 10, 16, 17, 40})
    void withoutANetworkThereIsNoSocketAtAll(long family) throws Exception {
        assertThat(answer(7, false, true, "socket", family, 1, 0)).isEqualTo(EAFNOSUPPORT);
    }

    @ParameterizedTest
    @CsvSource({"2, true", "10, true", "16, true", "1, false", "17, false", "40, false"})
    void theHostsNetworkIsItsInternetAndNoUnixSocket(long family, boolean allowed) throws Exception {
        assertThat(answer(7, true, true, "socket", family, 1, 0)).isEqualTo(allowed ? ALLOW : EAFNOSUPPORT);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "5, true", "2, false", "3, false"})
    void aPairThatCouldSendElsewhereIsRefused(long type, boolean allowed) throws Exception {
        long closeOnExecNonBlocking = 02004000;
        assertThat(answer(7, false, true, "socketpair", 1, type | closeOnExecNonBlocking))
                .isEqualTo(allowed ? ALLOW : EAFNOSUPPORT);
    }

    /** The kernel looks at 32 bits: what stands above them must not lead past a rule. */
    @Test
    void theUpperHalfOfARegisterHidesNothing() throws Exception {
        assertThat(answer(5, false, false, "fcntl", 3, 8 | GARBAGE)).isEqualTo(EPERM);
        assertThat(answer(5, false, false, "ioctl", 3, 0x8901 | GARBAGE)).isEqualTo(EPERM);
        assertThat(answer(2, false, true, "openat", 3, 0, 01000 | GARBAGE)).isEqualTo(EPERM);
        assertThat(answer(5, false, false, "kill", OTHER | GARBAGE, 9)).isEqualTo(EPERM);
    }

    @Test
    void withoutScopesSignalsReachTheOwnGroupAndTheCommandAlone() throws Exception {
        assertThat(answer(5, false, false, "kill", 0, 15)).isEqualTo(ALLOW);
        assertThat(answer(5, false, false, "kill", COMMAND, 15)).isEqualTo(ALLOW);
        assertThat(answer(5, false, false, "kill", OTHER, 0)).as("only asks").isEqualTo(ALLOW);
        assertThat(answer(5, false, false, "tgkill", COMMAND, 4800, 6)).isEqualTo(ALLOW);
        for (long pid : new long[] {OTHER, -1, -OTHER, 1}) {
            assertThat(answer(5, false, false, "kill", pid, 9))
                    .as("kill %d", pid)
                    .isEqualTo(EPERM);
        }
        assertThat(answer(5, false, false, "tgkill", OTHER, OTHER, 9)).isEqualTo(EPERM);
        for (String call : new String[] {"tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"}) {
            assertThat(answer(5, false, false, call, OTHER, 9, 9)).as(call).isEqualTo(EPERM);
        }
    }

    @Test
    void whereTheKernelKeepsSignalsInTheFilterLeavesThem() throws Exception {
        assertThat(answer(6, false, false, "kill", OTHER, 9)).isEqualTo(ALLOW);
        assertThat(answer(5, false, true, "kill", OTHER, 9)).as("other ids").isEqualTo(ALLOW);
    }

    @Test
    void limitsAndSchedulingOfTheCallersOtherProcessesAreOutOfReach() throws Exception {
        for (String call : new String[] {"prlimit64", "sched_setscheduler", "sched_setaffinity", "sched_setattr"}) {
            assertThat(answer(7, false, false, call, 0)).as(call).isEqualTo(ALLOW);
            assertThat(answer(7, false, false, call, OTHER)).as(call).isEqualTo(EPERM);
        }
        assertThat(answer(7, false, false, "setpriority", 0, 0, 5)).isEqualTo(ALLOW);
        assertThat(answer(7, false, false, "setpriority", 0, OTHER, 5)).isEqualTo(EPERM);
        assertThat(answer(7, false, false, "setpriority", 2, 0, 5))
                .as("of the user")
                .isEqualTo(EPERM);
        assertThat(answer(7, false, false, "ioprio_set", 1, 0, 0)).isEqualTo(ALLOW);
        assertThat(answer(7, false, false, "ioprio_set", 3, 0, 0)).isEqualTo(EPERM);
    }

    @Test
    void beforeVersionThreeWhatTruncatesByReadingIsRefused() throws Exception {
        long readTruncating = 01000;
        long writeCreatingTruncating = 01101;
        assertThat(answer(2, false, true, "truncate")).isEqualTo(EPERM);
        assertThat(answer(2, false, true, "open", 0, readTruncating)).isEqualTo(EPERM);
        assertThat(answer(2, false, true, "openat", 0, 0, readTruncating)).isEqualTo(EPERM);
        assertThat(answer(2, false, true, "openat", 0, 0, writeCreatingTruncating))
                .isEqualTo(ALLOW);
        assertThat(answer(2, false, true, "openat2")).isEqualTo(EPERM);
        assertThat(answer(3, false, true, "truncate")).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shmget", "semget", "msgget", "mq_open", "io_uring_setup", "keyctl"})
    void whatUsersShareIsRefused(String call) throws Exception {
        assertThat(answer(7, true, true, call)).isEqualTo(EPERM);
    }
}
