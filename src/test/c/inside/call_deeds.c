// SPDX-License-Identifier: Apache-2.0
/* System calls that a filter should refuse: each is made with arguments that get past the kernel's first checks where
 * that is possible, so that an unfiltered answer differs from the filter's. */
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TIOCLINUX
#define TIOCLINUX 0x541C
#endif

/* Numbers that older headers lack; the same on x86-64 and aarch64. */
#define NR_IO_URING_SETUP      425
#define NR_OPEN_TREE           428
#define NR_MOVE_MOUNT          429
#define NR_FSOPEN              430
#define NR_FSCONFIG            431
#define NR_FSMOUNT             432
#define NR_FSPICK              433
#define NR_CLONE3              435
#define NR_PIDFD_GETFD         438
#define NR_PROCESS_MADVISE     440
#define NR_MOUNT_SETATTR       442
#define NR_MEMPOLICY_HOME_NODE 450

static char page[8192] __attribute__((aligned(4096)));

/* clone in the raw: the child ends at once and is reaped; a child that came to be is a deed that was let through. */
static int reaped(long pid)
{
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return -errno;
    waitpid((pid_t)pid, NULL, __WALL);
    return 0;
}

static long clone_of(unsigned long flags)
{
#ifdef __x86_64__
    return syscall(SYS_clone, flags | SIGCHLD, 0, NULL, NULL, 0);
#else
    return syscall(SYS_clone, flags | SIGCHLD, 0, NULL, 0, NULL);
#endif
}

static long clone3_of(unsigned long flags)
{
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
    return syscall(NR_CLONE3, &args, sizeof args);
}

static int setns_of(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = answer(syscall(SYS_setns, fd, 0));
    close(fd);
    return rc;
}

/* A stopped child of ours: without a filter, nothing stands in the way of tracing it. */
static int trace_child(void)
{
    pid_t child = fork();
    if (child < 0)
        return -errno;
    if (child == 0)
        for (;;)
            pause();
    int rc = answer(ptrace(PTRACE_SEIZE, child, NULL, NULL));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return rc;
}

static int getfd_of_self(void)
{
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (pidfd < 0)
        return -errno;
    int rc = answer(syscall(NR_PIDFD_GETFD, pidfd, 0, 0));
    close(pidfd);
    return rc;
}

static int own_memory(long number)
{
    struct iovec local = {page, 8}, remote = {page + 64, 8};
    return answer(syscall(number, getpid(), &local, 1, &remote, 1, 0));
}

static int handle_open(void)
{
    struct {
        unsigned bytes;
        int type;
        unsigned char id[8];
    } handle = {8, 1, {2}};
    return answer(syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
}

static int int80(void)
{
#ifdef __x86_64__
    long rc = 20; /* getpid of the i386 table */
    __asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
    return rc < 0 ? (int)rc : 0;
#else
    return -ENOSYS;
#endif
}

static int x32(long number)
{
#ifdef __x86_64__
    return answer(syscall(0x40000000L | number, 0, 0, 0));
#else
    (void)number;
    return -ENOSYS;
#endif
}

static int key_call(int operation)
{
    return answer(syscall(SYS_keyctl, operation, -3, 0, 0, 0));
}

static int ioctl_of(unsigned long command)
{
    return answer(syscall(SYS_ioctl, STDIN_FILENO, command, "x"));
}

static int socket_of(int family, int type, int protocol)
{
    return answer(socket(family, type | SOCK_CLOEXEC, protocol));
}

static int pair_of(int family)
{
    int pair[2];
    return answer(socketpair(family, SOCK_STREAM, 0, pair));
}

// clang-format off
#define DEEDS(row)                                                                                                     \
    row(tiocsti, ioctl_of(TIOCSTI))                                                                                    \
    row(tiocsti_high, ioctl_of(TIOCSTI | (1UL << 32)))                                                                 \
    row(tiocsti_all_high, ioctl_of(TIOCSTI | 0xffffffff00000000UL))                                                    \
    row(tioclinux, ioctl_of(TIOCLINUX))                                                                                \
    row(tioclinux_high, ioctl_of(TIOCLINUX | (1UL << 32)))                                                             \
    row(unshare_user, answer(syscall(SYS_unshare, CLONE_NEWUSER)))                                                     \
    row(unshare_user_high, answer(syscall(SYS_unshare, CLONE_NEWUSER | (1UL << 40))))                                  \
    row(unshare_user_and_mount, answer(syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS)))                             \
    row(unshare_mount, answer(syscall(SYS_unshare, CLONE_NEWNS)))                                                      \
    row(unshare_net, answer(syscall(SYS_unshare, CLONE_NEWNET)))                                                       \
    row(unshare_cgroup, answer(syscall(SYS_unshare, CLONE_NEWCGROUP)))                                                 \
    row(clone_user, reaped(clone_of(CLONE_NEWUSER)))                                                                   \
    row(clone_user_high, reaped(clone_of(CLONE_NEWUSER | (1UL << 40))))                                                \
    row(clone_mount, reaped(clone_of(CLONE_NEWNS)))                                                                    \
    row(clone_plain, reaped(clone_of(0)))                                                                              \
    row(clone3_user, reaped(clone3_of(CLONE_NEWUSER)))                                                                 \
    row(clone3_plain, reaped(clone3_of(0)))                                                                            \
    row(setns_user, setns_of("/proc/self/ns/user"))                                                                    \
    row(setns_mount, setns_of("/proc/self/ns/mnt"))                                                                    \
    row(keyctl_get, key_call(0))                                                                                       \
    row(keyctl_join, answer(syscall(SYS_keyctl, 1, NULL, 0, 0, 0)))                                                    \
    row(add_key, answer(syscall(SYS_add_key, "user", "probe", "x", 1UL, -3)))                                          \
    row(request_key, answer(syscall(SYS_request_key, "user", "probe", NULL, -3)))                                      \
    row(ptrace_traceme, answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))                                                 \
    row(ptrace_seize, trace_child())                                                                                   \
    row(process_vm_readv, own_memory(SYS_process_vm_readv))                                                            \
    row(process_vm_writev, own_memory(SYS_process_vm_writev))                                                          \
    row(process_madvise, answer(syscall(NR_PROCESS_MADVISE, -1, NULL, 0UL, 0, 0)))                                     \
    row(pidfd_getfd, getfd_of_self())                                                                                  \
    row(kcmp, answer(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0)))                                                  \
    row(mbind, answer(syscall(SYS_mbind, page, 4096UL, 0, NULL, 0UL, 0)))                                              \
    row(set_mempolicy, answer(syscall(SYS_set_mempolicy, 0, NULL, 0UL)))                                               \
    row(get_mempolicy, answer(syscall(SYS_get_mempolicy, NULL, NULL, 0UL, NULL, 0UL)))                                 \
    row(migrate_pages, answer(syscall(SYS_migrate_pages, 0, 0UL, NULL, NULL)))                                         \
    row(move_pages, answer(syscall(SYS_move_pages, 0, 0UL, NULL, NULL, NULL, 0)))                                      \
    row(set_mempolicy_home_node, answer(syscall(NR_MEMPOLICY_HOME_NODE, page, 4096UL, 0UL, 0UL)))                      \
    row(userfaultfd, answer(syscall(SYS_userfaultfd, O_CLOEXEC | 1)))                                                  \
    row(perf_event_open, answer(syscall(SYS_perf_event_open, page, 0, -1, -1, 0UL)))                                   \
    row(io_uring_setup, answer(syscall(NR_IO_URING_SETUP, 1, page)))                                                   \
    row(io_uring_enter, answer(syscall(NR_IO_URING_SETUP + 1, -1, 0, 0, 0, NULL)))                                     \
    row(io_uring_register, answer(syscall(NR_IO_URING_SETUP + 2, -1, 0, NULL, 0)))                                     \
    row(bpf, answer(syscall(SYS_bpf, 0, page, 128)))                                                                   \
    row(fanotify_init, answer(syscall(SYS_fanotify_init, 0x200, 0)))                                                   \
    row(vsock_socket, socket_of(40, SOCK_STREAM, 0))                                                                   \
    row(vsock_socket_high, answer(syscall(SYS_socket, 40UL | (1UL << 32), SOCK_STREAM, 0)))                            \
    row(vsock_pair, pair_of(40))                                                                                       \
    row(alg_socket, socket_of(38, SOCK_SEQPACKET, 0))                                                                  \
    row(packet_socket, socket_of(17, SOCK_RAW, 0))                                                                     \
    row(raw_socket, socket_of(AF_INET, SOCK_RAW, 1))                                                                   \
    row(inet_socket, socket_of(AF_INET, SOCK_STREAM, 0))                                                               \
    row(unix_socket, socket_of(AF_UNIX, SOCK_STREAM, 0))                                                               \
    row(netlink_socket, socket_of(AF_NETLINK, SOCK_RAW, 0))                                                            \
    row(kexec_load, answer(syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL)))                                              \
    row(init_module, answer(syscall(SYS_init_module, page, 16UL, "")))                                                 \
    row(finit_module, answer(syscall(SYS_finit_module, 0, "", 0)))                                                     \
    row(delete_module, answer(syscall(SYS_delete_module, "none", O_NONBLOCK)))                                         \
    row(mount, answer(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0UL, NULL)))                                         \
    row(mount_remount, answer(syscall(SYS_mount, "none", "/", NULL, MS_REMOUNT | MS_BIND, NULL)))                      \
    row(mount_proc, answer(syscall(SYS_mount, "proc", "/proc", "proc", 0UL, NULL)))                                    \
    row(mount_cgroup, answer(syscall(SYS_mount, "none", "/tmp", "cgroup", 0UL, "memory")))                             \
    row(mount_cgroup2, answer(syscall(SYS_mount, "none", "/tmp", "cgroup2", 0UL, NULL)))                               \
    row(umount, answer(syscall(SYS_umount2, "/proc", MNT_DETACH)))                                                     \
    row(pivot_root, answer(syscall(SYS_pivot_root, "/", "/")))                                                         \
    row(chroot, answer(syscall(SYS_chroot, "/tmp")))                                                                   \
    row(fsopen, answer(syscall(NR_FSOPEN, "tmpfs", 0)))                                                                \
    row(fsconfig, answer(syscall(NR_FSCONFIG, -1, 0, NULL, NULL, 0)))                                                  \
    row(fsmount, answer(syscall(NR_FSMOUNT, -1, 0, 0)))                                                                \
    row(fspick, answer(syscall(NR_FSPICK, AT_FDCWD, "/", 0)))                                                          \
    row(open_tree, answer(syscall(NR_OPEN_TREE, AT_FDCWD, "/", 1)))                                                    \
    row(move_mount, answer(syscall(NR_MOVE_MOUNT, AT_FDCWD, "/proc", AT_FDCWD, "/tmp", 0)))                            \
    row(mount_setattr, answer(syscall(NR_MOUNT_SETATTR, AT_FDCWD, "/", 0, page, 32UL)))                                \
    row(name_to_handle_at, answer(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", page, page + 4096, 0)))                \
    row(open_by_handle_at, handle_open())                                                                              \
    row(personality_ask, answer(syscall(SYS_personality, 0xffffffffUL)))                                               \
    row(personality_linux, answer(syscall(SYS_personality, 0UL)))                                                      \
    row(personality_no_randomize, answer(syscall(SYS_personality, (unsigned long)ADDR_NO_RANDOMIZE)))                  \
    row(personality_read_implies_exec, answer(syscall(SYS_personality, (unsigned long)READ_IMPLIES_EXEC)))             \
    row(personality_mmap_page_zero, answer(syscall(SYS_personality, (unsigned long)MMAP_PAGE_ZERO)))                   \
    row(personality_linux32, answer(syscall(SYS_personality, 8UL)))                                                    \
    row(int80_getpid, int80())                                                                                         \
    row(x32_getpid, x32(39))                                                                                           \
    row(x32_ptrace, x32(521))                                                                                          \
    row(x32_keyctl, x32(250))                                                                                          \
    row(syscall_999, answer(syscall(999)))                                                                             \
    row(syscall_minus_1, answer(syscall(-1)))                                                                          \
    row(openat2_plain, answer(syscall(SYS_openat2, AT_FDCWD, "/", page, 24UL)))

// clang-format on
#define DEFINE(name, call) \
    static int do_##name(const char *argument) \
    { \
        (void)argument; \
        return call; \
    }
#define ROW(name, call) {#name, do_##name},

DEEDS(DEFINE)

const struct deed call_deeds[] = {DEEDS(ROW){NULL, NULL}};
