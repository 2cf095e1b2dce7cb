// SPDX-License-Identifier: Apache-2.0
/* System calls that the C library wraps late or not at all, and constants that Debian 12's headers lack. Each wrapper is
 * the bare call: -1 and errno on failure. */
#ifndef HUTCH_SYS_H
#define HUTCH_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define UNUSED __attribute__((unused))

/* Every system call's result becomes its value or -errno, in this one place. */
static inline int result(long rc)
{
    return rc < 0 ? -errno : (int)rc;
}

/* A descriptor that is closed at the end of its block; -1 and -errno are none. */
#define CLOSING __attribute__((cleanup(close_quietly)))

static inline void close_quietly(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* clone3(2), or clone(2) where an outer filter hides that, as Docker's does: a filter can't look into its memory. That one
 * can't be asked for CLONE_NEWTIME, which is among its exit signal's bits, and knows no cgroup; a new cgroup namespace has
 * the cgroup at hand as its root. With CLONE_PIDFD it excludes CLONE_PARENT_SETTID. */
static inline pid_t sys_clone(struct clone_args *args, bool *hidden)
{
    long pid = syscall(SYS_clone3, args, sizeof *args);
    *hidden = pid < 0 && errno == ENOSYS;
    if (!*hidden)
        return (pid_t)pid;
    bool joins = (args->flags & CLONE_INTO_CGROUP) != 0;
    uint64_t left = CLONE_NEWTIME | CLONE_INTO_CGROUP | (joins ? CLONE_NEWCGROUP : 0);
    return (pid_t)syscall(SYS_clone, (args->flags & ~left) | args->exit_signal, NULL,
                          (args->flags & CLONE_PIDFD) != 0 ? args->pidfd : args->parent_tid, NULL, NULL);
}

/* A plain fork, or one into new namespaces, without the C library's handlers. The kernel writes the child's pid to *pid
 * before the child first runs. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes to it. */
static inline pid_t sys_fork(uint64_t namespaces, int exit_signal, int32_t *pid)
{
    bool hidden;
    struct clone_args args = {
        .flags = namespaces | CLONE_PARENT_SETTID, .exit_signal = (__u64)exit_signal, .parent_tid = (uintptr_t)pid};
    return sys_clone(&args, &hidden);
}

/* The caller's keys, and other sandboxes', out of reach. Where an outer filter refuses the call it does so inside, too. */
static inline int sys_own_keyring(void)
{
    long rc = syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
    return rc < 0 && errno != ENOSYS && errno != EPERM ? -errno : 0;
}

static inline int sys_pidfd_open(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int sys_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static inline int sys_open_tree(int dir, const char *path, unsigned int flags)
{
    return (int)syscall(SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

static inline int sys_move_mount(int from, int to_dir, const char *to, unsigned int flags)
{
    return (int)syscall(SYS_move_mount, from, "", to_dir, to, flags | MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int sys_mount_setattr(int mount, unsigned int flags, const struct mount_attr *attr)
{
    return (int)syscall(SYS_mount_setattr, mount, "", flags, attr, sizeof *attr);
}

static inline int sys_fsopen(const char *type)
{
    return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int sys_fsconfig(int context, unsigned int command, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, context, command, key, value, 0);
}

static inline int sys_fsmount(int context, unsigned int attributes)
{
    return (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

#endif
