// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

/** The ops, in the order and with the names of plan.h; a test compares. What each does is told at its handler in child.c. */
public enum OpCode {
    NOTHING,
    SETHOSTNAME,
    NETLINK,
    SOCKET,
    MOUNT_PRIVATE,
    MOUNT_FS,
    MOUNT_TREE,
    MOUNT_SETATTR,
    MASK,
    MKDIR,
    SYMLINK,
    WRITE_FILE,
    WRITE_PROC,
    PIVOT_ROOT,
    READY,
    TIME_OFFSETS,
    DUP2,
    BOUNDING,
    PRCTL,
    SET_IDS,
    CAPSET,
    SETSID,
    CHDIR,
    CLOSE_ON_EXEC,
    UNBLOCK_SIGNALS,
    LANDLOCK_CREATE,
    LANDLOCK_RULE,
    LANDLOCK_RESTRICT,
    SECCOMP,
    EXECVE
}
