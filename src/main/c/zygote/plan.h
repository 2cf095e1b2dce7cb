// SPDX-License-Identifier: Apache-2.0
/* The wire format of a launch: what Java sends to the zygote and to the container's first processes, and what they
 * answer. Little-endian, as both architectures are. dev.hutch.internal.plan holds the same numbers; a test compares. */
#ifndef HUTCH_PLAN_H
#define HUTCH_PLAN_H

#include <stddef.h>
#include <stdint.h>

enum { PLAN_MAGIC = 0x31504348, REQUEST_MAGIC = 0x31524348, GO_MAGIC = 0x31474348 };
enum limit { MAX_INLINE = 64 * 1024, NO_FD = 0xffff };

/* One step of a plan. Unused fields are zero. */
struct hutch_op {
    uint16_t code;
    uint16_t fd;     /* index of a descriptor that came with the part, or NO_FD */
    uint32_t flags;  /* enum op_flag */
    uint32_t str[3]; /* offsets from the part's start: of strings, lists or a blob, as the op has it; 0 for none */
    uint32_t length; /* of the blob at str[0] */
    uint64_t num[2];
};

/* Head of a plan part; ops follow, then strings and blobs. The last byte is 0, so every string ends. A part over
 * MAX_INLINE comes as a sealed memory file, the last descriptor of a message that holds the head alone. */
struct hutch_part {
    uint32_t magic;
    uint32_t size;
    uint32_t op_count;
    uint32_t in_memory;
};

/* What an op's references are: a string; a list of strings (64-bit offsets, closed by 0); a blob; a descriptor; a path or,
 * instead, a descriptor. */
enum operand { NONE, TEXT, LIST, BLOB, DESCRIPTOR, SOURCE };

/* Every op: its name, its handler in child.c, its three references. What they mean is told at the handler. */
#define HUTCH_OPS(OP) \
    OP(SETHOSTNAME, op_sethostname, TEXT, NONE, NONE) \
    OP(NETLINK, op_netlink, BLOB, NONE, NONE) \
    OP(SOCKET, op_socket, BLOB, NONE, NONE) \
    OP(MOUNT_PRIVATE, op_mount_private, NONE, NONE, NONE) \
    OP(MOUNT_FS, op_mount_fs, TEXT, TEXT, LIST) \
    OP(MOUNT_TREE, op_mount_tree, SOURCE, TEXT, NONE) \
    OP(MOUNT_SETATTR, op_mount_setattr, TEXT, NONE, NONE) \
    OP(MASK, op_mask, TEXT, TEXT, NONE) \
    OP(MKDIR, op_mkdir, TEXT, TEXT, NONE) \
    OP(SYMLINK, op_symlink, TEXT, TEXT, TEXT) \
    OP(WRITE_FILE, op_write_file, BLOB, TEXT, TEXT) \
    OP(WRITE_PROC, op_write_proc, TEXT, TEXT, NONE) \
    OP(PIVOT_ROOT, op_pivot_root, NONE, NONE, NONE) \
    OP(READY, op_ready, NONE, NONE, NONE) \
    OP(TIME_OFFSETS, op_time_offsets, TEXT, NONE, NONE) \
    OP(DUP2, op_dup2, DESCRIPTOR, NONE, NONE) \
    OP(BOUNDING, op_bounding, NONE, NONE, NONE) \
    OP(PRCTL, op_prctl, NONE, NONE, NONE) \
    OP(SET_IDS, op_set_ids, BLOB, NONE, NONE) \
    OP(CAPSET, op_capset, NONE, NONE, NONE) \
    OP(SETSID, op_setsid, NONE, NONE, NONE) \
    OP(CHDIR, op_chdir, TEXT, NONE, NONE) \
    OP(CLOSE_ON_EXEC, op_close_on_exec, NONE, NONE, NONE) \
    OP(UNBLOCK_SIGNALS, op_unblock_signals, NONE, NONE, NONE) \
    OP(LANDLOCK_CREATE, op_landlock_create, NONE, NONE, NONE) \
    OP(LANDLOCK_RULE, op_landlock_rule, TEXT, NONE, NONE) \
    OP(LANDLOCK_RESTRICT, op_landlock_restrict, NONE, NONE, NONE) \
    OP(SECCOMP, op_seccomp, BLOB, NONE, NONE) \
    OP(EXECVE, op_execve, LIST, LIST, LIST)

enum op_code {
    OP_NOTHING,
#define CODE(name, handler, first, second, third) OP_##name,
    HUTCH_OPS(CODE)
#undef CODE
        OP_COUNT,
};

enum op_flag {
    OP_AS_ROOT = 1,        /* the mount becomes the new root, to be pivoted into */
    OP_NO_SYMLINKS = 2,    /* the target's path must contain none */
    OP_RECURSIVE = 4,      /* with all mounts below */
    OP_SOURCE_IN_ROOT = 8, /* the source's path is resolved beneath the new root */
    OP_IF_EXISTS = 16,     /* a target that is missing is no failure */
    OP_MAY_EXIST = 32,     /* something there already is no failure */
    OP_REPLACE = 64,       /* a file there already is removed first */
    OP_LISTEN = 128,       /* listen(2) on the socket */
    OP_APPEND = 256,       /* to a file that an op before has made */
};

/* Java to zygote: a clone, unless the flags are REQUEST_THAW. Descriptors: the channel, then as flags say: cgroup directory,
 * kill file, the network namespace to clone in and the zygote's own. */
struct hutch_request {
    uint32_t magic;
    uint32_t flags; /* enum request_flag */
    uint64_t id;
    uint64_t namespaces;
};

enum request_flag {
    REQUEST_INTO_CGROUP = 1, /* CLONE_INTO_CGROUP */
    REQUEST_GUARD = 2,       /* the first process stays outside the pid namespace: --no-init, --pid host */
    REQUEST_NEW_PID = 4,     /* with GUARD: the command is PID 1 of a namespace of its own */
    REQUEST_KILL_FILE = 8,   /* cgroup.kill came along */
    REQUEST_IN_NETNS = 16,   /* cloned in another's network namespace, which a new user namespace could not enter */
    REQUEST_SWEEP = 32,      /* with GUARD: what the command leaves has no namespace to end with; the guard ends it */
    REQUEST_THAW = 64,       /* no clone: its freezer.state, written "THAWED" when the JVM is gone */
};

/* Java to the container's first process, once the id maps are written. Descriptors: cgroup v1 `tasks` files; the pidfd of
 * a process whose namespaces are joined. */
struct hutch_go {
    uint32_t magic;
    uint32_t flags; /* enum go_flag */
    uint32_t uid;
    uint32_t gid;
    uint32_t join; /* CLONE_NEW flags of the namespaces to join; 0 in a container of its own */
};

enum go_flag {
    GO_IDS = 1,            /* take uid and gid, the map's root */
    GO_SETGROUPS = 2,      /* drop supplementary groups */
    GO_UNSHARE_CGROUP = 4, /* after the tasks files: cgroup v1, or where clone3 is hidden */
    GO_UNSHARE_TIME = 8,   /* where clone3 is hidden */
};

/* To Java over a container's channel. */
struct hutch_message {
    uint32_t kind; /* enum message_kind */
    uint32_t stage;
    uint32_t op; /* of CLONED: 1 where clone3 is hidden, and "go" must say what clone(2) has left */
    int32_t error;
    int32_t pid;
};

enum message_kind { MESSAGE_CLONED = 1, MESSAGE_READY, MESSAGE_FAILED };

/* Where a failure happened; OP failures carry the op's index in the part as well. */
enum stage { STAGE_CLONE = 1, STAGE_PARENT, STAGE_GO, STAGE_JOIN, STAGE_IDS, STAGE_INIT, STAGE_PART, STAGE_OP };

/* One per live container, shared between it and the zygote: what the channel may not get through any more. */
struct hutch_slot {
    uint32_t stage;
    uint32_t op;
    int32_t error;
    int32_t command; /* its pid as its parent sees it; 0 once that has reaped it */
    uint64_t exec_nanos;
};

/* To Java over the zygote's socket: by init when the command has ended, by the zygote when the first process is reaped. */
struct hutch_report {
    uint32_t kind; /* enum report_kind */
    int32_t status;
    uint64_t id;
    uint32_t stage;
    uint32_t op;
    int32_t error;
    int32_t pid;
    uint64_t exec_nanos;
    uint64_t end_nanos;
    uint64_t user_micros;
    uint64_t system_micros;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
};

enum report_kind { REPORT_SETUP = 1, REPORT_ENDED, REPORT_REAPED };

/* 0, or -EPROTO: bounds, op codes, descriptor indexes, string ends and lists. After it nobody needs to look again. */
int plan_check(const struct hutch_part *part, size_t received, unsigned int fd_count);

static inline const struct hutch_op *plan_ops(const struct hutch_part *part)
{
    return (const struct hutch_op *)(part + 1);
}

#endif
