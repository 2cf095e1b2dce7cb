// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Allow;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.User;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each deed by every call that can do it; the probe's call_deeds.c tells how each is made. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class SeccompKernelTest extends SandboxCase {
    @Test
    void exactlyOneFilterIsInForce() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.text("status.Seccomp")).isEqualTo("2");
        assertThat(seen.text("status.Seccomp_filters")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"fchmod", "fchmodat", "openat", "openat_tmpfile", "mkdirat", "mknodat", "mknodat_fifo", "mq_open"
            })
    void filter_by_passes_noCallMakesASetIdFile(String call) throws Exception {
        for (String way : new String[] {"setuid-", "setgid-", "sethigh-"}) {
            assertThat(answer(probed().build(), way + call)).as(way + call).isEqualTo("EPERM");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chmod", "open", "creat", "mkdir", "mknod"})
    @KernelTest(Need.X86_64)
    void filter_by_passes_noOldCallMakesASetIdFile(String call) throws Exception {
        filter_by_passes_noCallMakesASetIdFile(call);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fchmodat2", "openat2"})
    void filter_by_passes_aNewCallThatCouldMakeASetIdFileIsRefused(String call) throws Exception {
        for (String way : new String[] {"setuid-", "setgid-", "sethigh-"}) {
            assertThat(answer(probed().build(), way + call)).as(way + call).isIn("EPERM", "ENOSYS");
        }
    }

    @ParameterizedTest
    @CsvSource({"chmod-sticky", "mkfifo", "open-without-creat"})
    void ordinaryModesAreNoneOfItsBusiness(String deed) throws Exception {
        assertThat(answer(probed().build(), deed)).isEqualTo("ok");
    }

    @Test
    void setIdBitsAreAllowedOnRequest() throws Exception {
        assertThat(answer(probed().allow(Allow.SET_ID_BITS).build(), "setuid-fchmodat"))
                .isEqualTo("ok");
    }

    @Test
    void filter_by_passes_whatIsForbiddenIsRefusedWithTheExpectedError() throws Exception {
        Inside answers = Inside.parse(output(probed().build(), PROBE, "try-all-calls"));

        REFUSED.forEach(
                (deed, errors) -> assertThat(answers.answer(deed)).as(deed).isIn((Object[]) errors.split("\\|")));
    }

    @Test
    void rootInsideIsRefusedTheSame() throws Exception {
        Inside answers = Inside.parse(output(probed().user(User.of(0)).build(), PROBE, "try-all-calls"));

        REFUSED.forEach(
                (deed, errors) -> assertThat(answers.answer(deed)).as(deed).isIn((Object[]) errors.split("\\|")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clone_plain",
                "personality_ask",
                "personality_linux",
                "personality_no_randomize",
                "unix_socket",
                "inet_socket",
                "netlink_socket"
            })
    void whatProgramsNeedGoesThrough(String deed) throws Exception {
        assertThat(answer(probed().build(), deed)).isEqualTo("ok");
    }

    @Test
    void aNamedLeaveOpensItsOwnDoorOnly() throws Exception {
        Sandbox tracing = probed().allow(Allow.PTRACE).build();

        assertThat(answer(tracing, "ptrace_seize")).isEqualTo("ok");
        assertThat(answer(tracing, "process_vm_readv")).isEqualTo("ok");
        assertThat(answer(tracing, "userfaultfd")).isEqualTo("EPERM");
        assertThat(answer(probed().allow(Allow.KEYRING).build(), "keyctl_get")).isEqualTo("ok");
        assertThat(answer(probed().allow(Allow.PERSONALITY).build(), "personality_read_implies_exec"))
                .isEqualTo("ok");
        assertThat(answer(probed().allow(Allow.NUMA).build(), "mbind")).isIn("ok", "ENOSYS");
    }

    @Test
    void withoutAFilterTheKernelItselfAnswers() throws Exception {
        Sandbox box = probed().seccomp(new SeccompProfile.Unconfined()).build();

        assertThat(report(box).text("status.Seccomp")).isEqualTo("0");
        assertThat(answer(box, "tiocsti")).isEqualTo("ENOTTY");
        assertThat(answer(box, "mount")).isEqualTo("EPERM");
    }

    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("tiocsti", "EPERM"),
            Map.entry("tiocsti_high", "EPERM"),
            Map.entry("tiocsti_all_high", "EPERM"),
            Map.entry("tioclinux", "EPERM"),
            Map.entry("tioclinux_high", "EPERM"),
            Map.entry("unshare_user", "EPERM"),
            Map.entry("unshare_user_high", "EPERM"),
            Map.entry("unshare_user_and_mount", "EPERM"),
            Map.entry("unshare_mount", "EPERM"),
            Map.entry("unshare_net", "EPERM"),
            Map.entry("unshare_cgroup", "EPERM"),
            Map.entry("clone_user", "EPERM"),
            Map.entry("clone_user_high", "EPERM"),
            Map.entry("clone_mount", "EPERM"),
            Map.entry("clone3_user", "ENOSYS"),
            Map.entry("clone3_plain", "ENOSYS"),
            Map.entry("setns_user", "EPERM"),
            Map.entry("setns_mount", "EPERM"),
            Map.entry("keyctl_get", "EPERM"),
            Map.entry("keyctl_join", "EPERM"),
            Map.entry("add_key", "EPERM"),
            Map.entry("request_key", "EPERM"),
            Map.entry("ptrace_traceme", "EPERM"),
            Map.entry("ptrace_seize", "EPERM"),
            Map.entry("process_vm_readv", "EPERM"),
            Map.entry("process_vm_writev", "EPERM"),
            Map.entry("process_madvise", "EPERM"),
            Map.entry("pidfd_getfd", "EPERM"),
            Map.entry("kcmp", "EPERM"),
            Map.entry("mbind", "ENOSYS"),
            Map.entry("set_mempolicy", "ENOSYS"),
            Map.entry("get_mempolicy", "ENOSYS"),
            Map.entry("migrate_pages", "ENOSYS"),
            Map.entry("move_pages", "ENOSYS"),
            Map.entry("set_mempolicy_home_node", "ENOSYS"),
            Map.entry("userfaultfd", "EPERM"),
            Map.entry("perf_event_open", "EPERM"),
            Map.entry("io_uring_setup", "EPERM"),
            Map.entry("io_uring_enter", "EPERM"),
            Map.entry("io_uring_register", "EPERM"),
            Map.entry("bpf", "EPERM"),
            Map.entry("fanotify_init", "EPERM"),
            Map.entry("vsock_socket", "EPERM|EAFNOSUPPORT"),
            Map.entry("vsock_socket_high", "EPERM|EAFNOSUPPORT"),
            Map.entry("vsock_pair", "EPERM|EAFNOSUPPORT"),
            Map.entry("packet_socket", "EPERM|EAFNOSUPPORT"),
            Map.entry("raw_socket", "EPERM"),
            Map.entry("kexec_load", "EPERM|ENOSYS"),
            Map.entry("init_module", "EPERM|ENOSYS"),
            Map.entry("finit_module", "EPERM|ENOSYS"),
            Map.entry("delete_module", "EPERM|ENOSYS"),
            Map.entry("mount", "EPERM"),
            Map.entry("mount_remount", "EPERM"),
            Map.entry("mount_proc", "EPERM"),
            Map.entry("mount_cgroup", "EPERM"),
            Map.entry("mount_cgroup2", "EPERM"),
            Map.entry("umount", "EPERM"),
            Map.entry("pivot_root", "EPERM"),
            Map.entry("chroot", "EPERM"),
            Map.entry("fsopen", "EPERM"),
            Map.entry("fsconfig", "EPERM"),
            Map.entry("fsmount", "EPERM"),
            Map.entry("fspick", "EPERM"),
            Map.entry("open_tree", "EPERM"),
            Map.entry("move_mount", "EPERM"),
            Map.entry("mount_setattr", "EPERM"),
            Map.entry("open_by_handle_at", "EPERM"),
            Map.entry("personality_read_implies_exec", "EPERM"),
            Map.entry("personality_mmap_page_zero", "EPERM"),
            Map.entry("personality_linux32", "EPERM"),
            Map.entry("int80_getpid", "SIGSYS|ENOSYS|SIGSEGV|EPERM"),
            Map.entry("x32_getpid", "ENOSYS|EPERM|SIGSYS"),
            Map.entry("x32_ptrace", "ENOSYS|EPERM|SIGSYS"),
            Map.entry("x32_keyctl", "ENOSYS|EPERM|SIGSYS"),
            Map.entry("syscall_999", "ENOSYS"),
            Map.entry("syscall_minus_1", "ENOSYS"),
            Map.entry("openat2_plain", "ENOSYS"));
}
