// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SeccompProfile;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hutch's own profile, deed by deed, as the kernel would see it. */
class DefaultProfileTest {
    private static final int ALLOW = Action.ALLOW.code();
    private static final int EPERM = Action.errno(1).code();
    private static final int EACCES = Action.errno(13).code();
    private static final int ENOSYS = Action.errno(38).code();
    private static final int EAFNOSUPPORT = Action.errno(97).code();
    private static final long HIGH = 0x1_0000_0000L;
    private static final int SUID = 04000;
    private static final int SGID = 02000;
    private static final int O_CREAT = 0100;
    private static final int O_TMPFILE = 020000000;
    private static final long CLONE_NEWUSER = 0x10000000;
    private static final long CLONE_NEWNS = 0x20000;

    private final SeccompFilters filters = new SeccompFilters();

    /** As nearly every launch has it: only an egress list beside folders of the host's takes unix sockets away. */
    private Calls plain(Architecture architecture) throws SandboxException {
        return new Calls(architecture, Set.of(), Set.of(Allow.UNIX_SOCKETS), true);
    }

    private Calls with(Allow... allow) throws SandboxException {
        return new Calls(Architecture.X86_64, Set.of(), Set.of(allow), true);
    }

    private Calls with(Capability... capabilities) throws SandboxException {
        return new Calls(Architecture.X86_64, Set.of(capabilities), Set.of(), true);
    }

    /** Asks the compiled filter about calls by name. */
    private final class Calls {
        private final Architecture architecture;
        private final SyscallTable table;
        private final BpfInterpreter filter;

        Calls(Architecture architecture, Set<Capability> capabilities, Set<Allow> allow, boolean init)
                throws SandboxException {
            this.architecture = architecture;
            table = SyscallTable.of(architecture);
            filter = new BpfInterpreter(
                    filters.compile(new SeccompProfile.Default(), capabilities, allow, init, architecture, 6, 1));
        }

        int verdict(String name, long... args) {
            return filter.run(architecture.auditArch(), table.number(name).orElseThrow(), args);
        }

        void all(int verdict, String names) {
            for (String name : names.split(" ")) {
                if (table.number(name).isPresent()) {
                    assertThat(verdict(name)).as(name).isEqualTo(verdict);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isSmall(Architecture architecture) throws SandboxException {
        assertThat(plain(architecture).filter.size()).isLessThanOrEqualTo(340);
    }

    @ParameterizedTest
    @EnumSource
    void deniesWhatReachesTheKernelOrOtherProcesses(Architecture architecture) throws SandboxException {
        plain(architecture)
                .all(
                        EPERM,
                        "acct add_key bpf chroot clock_settime delete_module fanotify_init fanotify_mark"
                                + " finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register"
                                + " io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount"
                                + " mount_setattr move_mount open_by_handle_at open_tree open_tree_attr perf_event_open pidfd_getfd"
                                + " pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot"
                                + " request_key setdomainname sethostname setns settimeofday swapoff swapon syslog umount2 userfaultfd"
                                + " vhangup");
    }

    @ParameterizedTest
    @EnumSource
    void answersEnosysWhereLibrariesFallBack(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        calls.all(
                ENOSYS,
                "clone3 openat2 get_mempolicy mbind migrate_pages move_pages set_mempolicy"
                        + " set_mempolicy_home_node uselib ustat sysfs nfsservctl");
        for (int unknown : new int[] {472, 1000, 0x3fff_ffff, 0x4000_0000, 0x4000_0001, -1}) {
            assertThat(calls.filter.run(architecture.auditArch(), unknown))
                    .as("call %d", unknown)
                    .isEqualTo(ENOSYS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void allowsWhatProgramsAreMadeOf(Architecture architecture) throws SandboxException {
        plain(architecture)
                .all(
                        ALLOW,
                        "read write openat execve fork vfork exit_group mmap futex rseq setuid setresgid"
                                + " chown fchownat shmget shmat semop msgget memfd_create splice tee vmsplice landlock_restrict_self"
                                + " seccomp prctl statx faccessat2 renameat2 close_range pidfd_open mseal futex_wait");
    }

    @ParameterizedTest
    @EnumSource
    void killsCallsOfAForeignArchitecture(Architecture architecture) throws SandboxException {
        Architecture other = architecture == Architecture.X86_64 ? Architecture.AARCH64 : Architecture.X86_64;
        BpfInterpreter filter = plain(architecture).filter;
        int i386 = 0x4000_0003;
        for (int foreign : new int[] {other.auditArch(), i386, 0}) {
            assertThat(filter.run(foreign, 1)).isEqualTo(Action.KILL_PROCESS.code());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SUID, SGID, SUID | SGID})
    void filterByPassesSetIdBitsAreDeniedInEveryCallThatTakesAMode(int bits) throws SandboxException {
        Calls calls = plain(Architecture.X86_64);
        for (long mode : new long[] {bits | 0755, HIGH | bits, 0100000 | bits}) {
            for (String call : "chmod fchmod creat mkdir mknod".split(" ")) {
                assertThat(calls.verdict(call, 0, mode)).as(call).isEqualTo(EPERM);
            }
            for (String call : "fchmodat fchmodat2 mkdirat mknodat".split(" ")) {
                assertThat(calls.verdict(call, 0, 0, mode)).as(call).isEqualTo(EPERM);
            }
            for (long flags : new long[] {O_CREAT, O_TMPFILE, HIGH | O_CREAT, O_CREAT | O_TMPFILE | 3}) {
                assertThat(calls.verdict("open", 0, flags, mode)).isEqualTo(EPERM);
                assertThat(calls.verdict("mq_open", 0, flags, mode)).isEqualTo(EPERM);
                assertThat(calls.verdict("openat", 0, 0, flags, mode)).isEqualTo(EPERM);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void otherModesAndFifosPass(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        assertThat(calls.verdict("fchmod", 0, 01777)).isEqualTo(ALLOW);
        assertThat(calls.verdict("fchmodat", 0, 0, 0755)).isEqualTo(ALLOW);
        assertThat(calls.verdict("mknodat", 0, 0, 010644)).isEqualTo(ALLOW);
        assertThat(calls.verdict("openat", 0, 0, O_CREAT | 1, 0644)).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void openLooksAtTheModeOnlyWhereTheKernelDoes(Architecture architecture) throws SandboxException {
        long garbage = 0x7fff_dead_bfffL;
        assertThat(plain(architecture).verdict("openat", 0, 0, 02, garbage)).isEqualTo(ALLOW);
    }

    @Test
    void allowedSetIdBitsOpenEachOfTheseCalls() throws SandboxException {
        Calls calls = with(Allow.SET_ID_BITS);
        assertThat(calls.verdict("chmod", 0, SUID)).isEqualTo(ALLOW);
        assertThat(calls.verdict("openat", 0, 0, O_CREAT, SGID)).isEqualTo(ALLOW);
        assertThat(calls.verdict("openat2")).isEqualTo(ALLOW);
        assertThat(calls.verdict("ptrace")).isEqualTo(EPERM);
    }

    /** Also by high bits, which the kernel ignores. */
    @ParameterizedTest
    @EnumSource
    void cve20175226TypingIntoATerminalIsDenied(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        for (long command : new long[] {0x5412, 0x541c}) {
            assertThat(calls.verdict("ioctl", 0, command)).isEqualTo(EPERM);
            assertThat(calls.verdict("ioctl", 0, HIGH | command)).isEqualTo(EPERM);
            assertThat(calls.verdict("ioctl", 0, -1L << 32 | command)).isEqualTo(EPERM);
        }
        assertThat(calls.verdict("ioctl", 0, 0x5413)).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void newNamespacesAreDenied(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        for (int bit : new int[] {17, 25, 26, 27, 28, 29, 30}) {
            assertThat(calls.verdict("clone", 1L << bit | 17)).as("bit %d", bit).isEqualTo(EPERM);
            assertThat(calls.verdict("unshare", 1L << bit)).as("bit %d", bit).isEqualTo(EPERM);
        }
        assertThat(calls.verdict("unshare", 0x80)).as("CLONE_NEWTIME").isEqualTo(EPERM);
        assertThat(calls.verdict("clone", 0x3d0f00)).as("a thread").isEqualTo(ALLOW);
        assertThat(calls.verdict("clone", 17)).as("a fork").isEqualTo(ALLOW);
    }

    @Test
    void noCapabilityOpensUserNamespaces() throws SandboxException {
        Calls calls = new Calls(Architecture.X86_64, EnumSet.allOf(Capability.class), EnumSet.allOf(Allow.class), true);
        assertThat(calls.verdict("clone", CLONE_NEWUSER | 17)).isEqualTo(EPERM);
        assertThat(calls.verdict("unshare", CLONE_NEWUSER | CLONE_NEWNS)).isEqualTo(EPERM);
        assertThat(calls.verdict("setns", 3, CLONE_NEWUSER)).isEqualTo(EPERM);
        assertThat(calls.verdict("setns", 3, HIGH)).as("any type").isEqualTo(EPERM);
        assertThat(calls.verdict("clone3")).isEqualTo(ENOSYS);
        assertThat(calls.verdict("unshare", CLONE_NEWNS)).isEqualTo(ALLOW);
        assertThat(calls.verdict("setns", 3, CLONE_NEWNS)).isEqualTo(ALLOW);
    }

    @Test
    void mountsNeedTheCapabilityAndTheOption() throws SandboxException {
        String family =
                "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr umount2";
        with(Capability.SYS_ADMIN).all(EPERM, family);
        with(Allow.REMOUNT).all(EPERM, family);
        new Calls(Architecture.X86_64, Set.of(Capability.SYS_ADMIN), Set.of(Allow.REMOUNT), true).all(ALLOW, family);
    }

    @Test
    void capabilitiesOpenTheCallsThatGoWithThem() throws SandboxException {
        with(Capability.SYS_ADMIN).all(ALLOW, "bpf fanotify_init perf_event_open quotactl sethostname syslog");
        with(Capability.BPF).all(ALLOW, "bpf");
        with(Capability.PERFMON).all(ALLOW, "perf_event_open");
        with(Capability.SYSLOG).all(ALLOW, "syslog");
        with(Capability.SYS_CHROOT).all(ALLOW, "chroot");
        with(Capability.SYS_TIME).all(ALLOW, "clock_settime settimeofday");
        with(Capability.SYS_NICE).all(ALLOW, "mbind set_mempolicy get_mempolicy");
        with(Capability.SYS_PTRACE).all(ALLOW, "ptrace kcmp pidfd_getfd process_vm_readv");
        with(Capability.DAC_READ_SEARCH).all(ALLOW, "open_by_handle_at");
        with(Capability.KILL).all(EPERM, "bpf syslog chroot settimeofday ptrace open_by_handle_at");
    }

    @Test
    void optionsOpenWhatTheyNameAndNothingElse() throws SandboxException {
        with(Allow.PTRACE).all(ALLOW, "ptrace process_vm_readv process_vm_writev");
        with(Allow.PTRACE).all(EPERM, "kcmp pidfd_getfd keyctl");
        with(Allow.KEYRING).all(ALLOW, "keyctl add_key request_key");
        with(Allow.NUMA).all(ALLOW, "mbind set_mempolicy get_mempolicy move_pages migrate_pages");
        with(Allow.PERF).all(ALLOW, "perf_event_open");
        with(Allow.IO_URING).all(ALLOW, "io_uring_setup io_uring_enter io_uring_register");
        with(Allow.USERFAULTFD).all(ALLOW, "userfaultfd");
        assertThat(with(Allow.PERSONALITY).verdict("personality", 8)).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void personalityAnswersAndTakesAslrAway(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        for (long persona : new long[] {0, 0x40000, 0xffff_ffffL, -1}) {
            assertThat(calls.verdict("personality", persona)).isEqualTo(ALLOW);
        }
        for (long persona : new long[] {8, 0x20000, 0x400000, 0x440000, HIGH | 0x400000}) {
            assertThat(calls.verdict("personality", persona)).as("%x", persona).isEqualTo(EPERM);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyOrdinarySocketFamiliesExist(Architecture architecture) throws SandboxException {
        Calls calls = plain(architecture);
        for (String call : new String[] {"socket", "socketpair"}) {
            for (long family : new long[] {1, 2, 10, 16}) {
                assertThat(calls.verdict(call, family)).as("family %d", family).isEqualTo(ALLOW);
            }
            for (long family : new long[] {17, 31, 38, 40, HIGH | 40, 44}) {
                assertThat(calls.verdict(call, family)).as("family %d", family).isEqualTo(EAFNOSUPPORT);
            }
        }
        assertThat(with(Capability.NET_RAW).verdict("socket", 17)).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void withoutUnixSocketsThereArePairsThatLeadNowhereElse(Architecture architecture) throws SandboxException {
        Calls calls = new Calls(architecture, Set.of(), Set.of(), true);
        long cloexec = 0x80000;
        for (long type : new long[] {1, 2, 3, 5, cloexec | 1}) {
            assertThat(calls.verdict("socket", 1, type)).as("type %d", type).isEqualTo(EACCES);
            assertThat(calls.verdict("socket", HIGH | 1, type))
                    .as("type %d", type)
                    .isEqualTo(EACCES);
        }
        for (long type : new long[] {1, 5, cloexec | 1, cloexec | 5, HIGH | 1}) {
            assertThat(calls.verdict("socketpair", 1, type)).as("type %d", type).isEqualTo(ALLOW);
        }
        for (long type : new long[] {2, 3, cloexec | 2, HIGH | 2}) {
            assertThat(calls.verdict("socketpair", 1, type))
                    .as("type %d, which sendto takes anywhere", type)
                    .isEqualTo(EACCES);
        }
        assertThat(calls.verdict("socket", 2, 1)).isEqualTo(ALLOW);
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnInitTheParentDeathSignalStays(Architecture architecture) throws SandboxException {
        Calls bare = new Calls(architecture, Set.of(), Set.of(), false);
        assertThat(bare.verdict("prctl", 1, 0)).isEqualTo(EPERM);
        assertThat(bare.verdict("prctl", HIGH | 1, 0)).isEqualTo(EPERM);
        assertThat(bare.verdict("prctl", 38, 1)).isEqualTo(ALLOW);
        assertThat(plain(architecture).verdict("prctl", 1, 9)).isEqualTo(ALLOW);
    }

    @Test
    void everyNameInTheProfileIsASystemCall() throws SandboxException {
        Profile profile = ProfileReader.read("own", Resources.text("default-profile.json"), Architecture.X86_64);
        SyscallTable table = SyscallTable.of(Architecture.X86_64);
        assertThat(profile.rules())
                .allSatisfy(rule -> assertThat(rule.names())
                        .allMatch(name -> table.number(name).isPresent()));
    }
}
