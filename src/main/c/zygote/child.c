// SPDX-License-Identifier: Apache-2.0
/*
 * A container, from clone3 to execve, in the order in which it happens.
 *
 * Theory of operation. The zygote clones a container's first process into its namespaces. That process waits until Java
 * has written its id maps, joins its cgroups, takes the ids of the map's root, and forks the command. Then it is init:
 * PID 1 of the container (or, with --no-init and --pid host, a guard outside its pid namespace). It holds no way back to
 * Java but the report socket, keeps only the right to send signals, reaps, and ends the container when the command ends
 * or when the JVM or the zygote dies. The command receives the launch plan in parts over the channel and walks it op by
 * op: mounts, pivot_root, ids, capabilities, seccomp, execve. Nothing of the caller's runs before execve, and every
 * process here is non-dumpable from the moment its ids are set: whoever shares its ids can neither trace it nor open its
 * descriptors. A failure is (stage, op index, errno), sent over the channel and left in the shared slot; Java has the
 * words.
 *
 * No allocation, no stdio, no branch on policy: what to do is in the plan.
 */
#include "child.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "channel.h"
#include "sys.h"

enum { MAX_SOCKETS = 8 };

/* The command while it walks its plan. */
struct walker {
    int root;                 /* O_PATH of the new root, AT_FDCWD before there is one */
    struct hutch_part *part;  /* checked */
    struct descriptors fds;   /* that came with the part */
    struct hutch_slot *slot;  /* NULL in the zygote's own set-up */
    int sockets[MAX_SOCKETS]; /* made for Java, and not sent yet */
    unsigned int socket_count;
    int ruleset; /* Landlock's, while it is made */
};

static uint64_t monotonic_nanos(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The one error path. The slot is written first: the channel may be gone, or a filter may deny sending. */
static _Noreturn void fail(struct hutch_slot *slot, uint32_t stage, uint32_t op, int error)
{
    struct hutch_message message = {.kind = MESSAGE_FAILED, .stage = stage, .op = op, .error = error};
    slot->stage = stage;
    slot->op = op;
    slot->error = error;
    (void)channel_send(CHANNEL_FD, &message, sizeof message, NULL, 0);
    _exit(125);
}

static void require(const struct container *c, uint32_t stage, int rc)
{
    if (rc < 0)
        fail(c->slot, stage, 0, -rc);
}

/* True once the process behind a pidfd has ended, or the other end of a pipe has been closed. */
static bool hung_up(int fd)
{
    struct pollfd watch = {.fd = fd, .events = POLLIN};
    return poll(&watch, 1, 0) != 0;
}

/* Without a pid namespace the guard must outlive the zygote, to end the container: it polls the zygote's pidfd instead. */
static bool outlives_zygote(const struct container *c)
{
    return (c->flags & (REQUEST_GUARD | REQUEST_NEW_PID)) == REQUEST_GUARD;
}

/* PDEATHSIG is cleared by changes of ids, so this is called again after them. The zygote may have died just before:
 * getppid(2) is 0 across pid namespaces, its pidfd tells. */
static int die_with_zygote(const struct container *c)
{
    if (!outlives_zygote(c) && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return -errno;
    return hung_up(ZYGOTE_FD) || hung_up(LIFELINE_FD) ? -ESRCH : 0;
}

/* Cgroup v1: joined by the process itself through `tasks`, which waits for no RCU grace period as a write of another's
 * pid to cgroup.procs does; on v2 that file serves where clone3 is hidden. The namespace is unshared after the joins, so
 * that its roots are the container's own; with it what clone(2) could not be asked for. */
static int join_cgroups(const struct hutch_go *go, struct descriptors *tasks)
{
    for (unsigned int i = 0; i < tasks->count; i++) {
        if (write(tasks->fd[i], "0", 1) != 1)
            return -errno;
        close(tasks->fd[i]);
    }
    int namespaces = ((go->flags & GO_UNSHARE_CGROUP) != 0 ? CLONE_NEWCGROUP : 0) |
                     ((go->flags & GO_UNSHARE_TIME) != 0 ? CLONE_NEWTIME : 0);
    return namespaces != 0 ? result(unshare(namespaces)) : 0;
}

/* One more command of a container that runs gets the namespaces of its first one, at once. Not dumpable before it can be
 * seen inside, and what it holds of ours with it (CVE-2016-9962). Its root and working directory are the container's
 * then. setns(2). */
static int join_namespaces(const struct hutch_go *go, int pidfd)
{
    if (go->join == 0)
        return 0;
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setns(pidfd, (int)go->join) != 0)
        return -errno;
    return result(close(pidfd));
}

/* By raw calls: the C library's would signal threads. The uid last: after it there is no right to other ids. */
static int set_ids(uid_t uid, gid_t gid)
{
    if (syscall(SYS_setresgid, gid, gid, gid) != 0)
        return -errno;
    return result(syscall(SYS_setresuid, uid, uid, uid));
}

/* Takes the ids of the map's root: only as an id that is mapped can it make directories and mounts that work. The final
 * ids come last. A session keyring of its own keeps the caller's keys, and other sandboxes', out of reach. */
static int take_ids(const struct hutch_go *go)
{
    if ((go->flags & GO_SETGROUPS) != 0 && syscall(SYS_setgroups, 0, NULL) != 0)
        return -errno;
    int rc = (go->flags & GO_IDS) != 0 ? set_ids(go->uid, go->gid) : 0;
    if (rc < 0)
        return rc;
    rc = sys_own_keyring();
    return rc < 0 ? rc : result(prctl(PR_SET_DUMPABLE, 0));
}

static int set_capabilities(uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (unsigned int i = 0; i < 2; i++) {
        data[i].permitted = data[i].effective = (uint32_t)(permitted >> (32 * i));
        data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
    }
    return result(syscall(SYS_capset, &header, data));
}

/* ---- Init, or the guard: reaps, and ends the container ---- */

bool kill_children(bool (*spared)(pid_t pid))
{
    char list[4096];
    CLOSING int fd = result(open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
    ssize_t length = fd < 0 ? 0 : read(fd, list, sizeof list);
    bool any = false;
    pid_t pid = 0;
    for (ssize_t i = 0; i < length; i++) {
        if (list[i] != ' ') {
            pid = 10 * pid + (list[i] - '0');
        } else if (pid > 0 && (spared == NULL || !spared(pid))) {
            kill(pid, SIGKILL);
            any = true;
        }
        pid = list[i] == ' ' ? 0 : pid;
    }
    return any;
}

/* Without a pid namespace: a domain of Landlock's that signals don't leave (since version 6) holds the guard and all that
 * comes of the command, so that one signal meets them all at once, and nobody else. True once that is certain: the zygote,
 * which has the same ids, is out of reach. */
static bool fence_signals(void)
{
    const uint64_t scope_signals[3] = {0, 0, 2};
    CLOSING int ruleset = result(syscall(SYS_landlock_create_ruleset, scope_signals, sizeof scope_signals, 0));
    return ruleset >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 && kill(getppid(), 0) != 0 && errno == EPERM;
}

/* Whoever loses its parent becomes the child of this process, its subreaper. Without a fence it is killed in the next
 * round: who is killed forks no more, and one that forks and ends by itself is soon outrun. */
static void sweep(const struct container *c)
{
    pid_t pid;
    do {
        if (c->fenced)
            kill(-1, SIGKILL);
        bool any = !c->fenced && kill_children(NULL);
        do
            pid = wait4(-1, NULL, WNOHANG, NULL);
        while (pid > 0 || (pid < 0 && errno == EINTR));
        if (pid == 0)
            poll(NULL, 0, any ? 0 : 1);
    } while (pid == 0);
}

/* kill(-1) only ever as PID 1 of our own pid namespace, or behind a fence: anywhere else it would end what isn't ours. A
 * guard ends the command, unless it has reaped it and the pid is another's by now: PID 1 of a namespace takes all others
 * along. */
static void end_container(const struct container *c)
{
    if ((c->flags & REQUEST_GUARD) == 0)
        kill(-1, SIGKILL);
    else if (c->slot->command > 0)
        kill(c->slot->command, SIGKILL);
    if ((c->flags & REQUEST_SWEEP) != 0)
        sweep(c);
    if (outlives_zygote(c))
        (void)!write(KILL_FD, "1", 1);
}

void send_report(struct hutch_report report, const struct hutch_slot *slot, const struct rusage *usage)
{
    report.stage = slot->stage;
    report.op = slot->op;
    report.error = slot->error;
    report.exec_nanos = slot->exec_nanos;
    report.user_micros = (uint64_t)usage->ru_utime.tv_sec * 1000000U + (uint64_t)usage->ru_utime.tv_usec;
    report.system_micros = (uint64_t)usage->ru_stime.tv_sec * 1000000U + (uint64_t)usage->ru_stime.tv_usec;
    report.voluntary_switches = (uint64_t)usage->ru_nvcsw;
    report.involuntary_switches = (uint64_t)usage->ru_nivcsw;
    (void)channel_send(CONTROL_FD, &report, sizeof report, NULL, 0);
}

/* Reaps all that has ended. True when the command was among them: then it has been reported, and the rest is dead. */
static bool reap(const struct container *c, pid_t command)
{
    int status;
    struct rusage usage;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        if (pid != command)
            continue;
        c->slot->command = 0;
        struct hutch_report report = {
            .kind = REPORT_ENDED, .status = status, .id = c->id, .pid = pid, .end_nanos = monotonic_nanos()};
        if ((c->flags & REQUEST_SWEEP) != 0) {
            sweep(c);
        } else if (!outlives_zygote(c)) {
            end_container(c);
            while (wait4(-1, NULL, 0, NULL) > 0 || errno == EINTR)
                ;
        }
        /* Before the kernel has dismantled the container's mounts. */
        send_report(report, c->slot, &usage);
        /* Last: its cgroup is the guard's own. */
        if (outlives_zygote(c))
            end_container(c);
        return true;
    }
    return false;
}

/* Init keeps CAP_KILL: without it the orphans of other ids could not be ended; a plain user's guard has none. A guard
 * outside every pid namespace keeps reaping what was orphaned, as their subreaper. Returns a descriptor that tells of ended
 * children. */
static int become_init(const struct container *c)
{
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    if ((set_capabilities(1U << CAP_KILL, 0) != 0 && set_capabilities(0, 0) != 0) ||
        prctl(PR_SET_NAME, "hutch-init") != 0 || (outlives_zygote(c) && prctl(PR_SET_CHILD_SUBREAPER, 1) != 0))
        return -errno;
    return result(signalfd(-1, &chld, SFD_CLOEXEC));
}

/* The channel is the command's alone by now: a failure here is told by the report of this process's end. */
static _Noreturn void supervise(const struct container *c, pid_t command)
{
    close(CHANNEL_FD);
    int signals = become_init(c);
    if (signals < 0) {
        c->slot->stage = STAGE_INIT;
        c->slot->error = -signals;
    }
    struct pollfd watch[] = {
        {.fd = LIFELINE_FD}, {.fd = ZYGOTE_FD, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    while (signals >= 0) {
        if (reap(c, command))
            _exit(0);
        if (poll(watch, 3, -1) < 0 && errno != EINTR)
            break;
        if (watch[0].revents != 0 || watch[1].revents != 0)
            break;
        struct signalfd_siginfo info;
        if (watch[2].revents != 0 && read(signals, &info, sizeof info) < 0)
            break;
    }
    end_container(c);
    _exit(0);
}

/* ---- The command: what the ops of its plan do, in the order in which a plan has them ---- */

static const char *text(const struct walker *w, const struct hutch_op *op, int i)
{
    return (const char *)w->part + op->str[i];
}

static const void *blob(const struct walker *w, const struct hutch_op *op)
{
    return (const char *)w->part + op->str[0];
}

/* A list's offsets become pointers in place: the array that execve(2) wants. Each list is used once. */
static char **list(struct walker *w, const struct hutch_op *op, int i)
{
    char *base = (char *)w->part;
    uint64_t *entry = (uint64_t *)(void *)(base + op->str[i]);
    char **array = (char **)(void *)entry;
    for (; *entry != 0; entry++) {
        char *string = base + *entry;
        memcpy(entry, &string, sizeof string);
    }
    return array;
}

/* Opens a path beneath the new root as if chrooted into it: no symlink, no dots and no magic link of the root's, which
 * may be hostile, lead outside. openat2(2), RESOLVE_IN_ROOT. */
static int open_beneath(const struct walker *w, const char *path, uint64_t flags, uint32_t op_flags)
{
    uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    if ((op_flags & OP_NO_SYMLINKS) != 0)
        resolve |= RESOLVE_NO_SYMLINKS;
    return result(sys_openat2(w->root, path, flags, 0, resolve));
}

#define HANDLER(name) static int name(struct walker *w UNUSED, const struct hutch_op *op UNUSED)

HANDLER(op_sethostname)
{
    return result(sethostname(text(w, op, 0), strlen(text(w, op, 0))));
}

/* Sends what one acknowledgement answers, and takes that; loopback comes up this way. num[0]: the protocol. netlink(7). */
HANDLER(op_netlink)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr ack;
        char rest[1024];
    } answer;
    CLOSING int fd = result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)op->num[0]));
    int rc = fd < 0 ? fd : result(send(fd, blob(w, op), op->length, 0));
    if (rc >= 0)
        rc = result(recv(fd, &answer, sizeof answer, 0));
    if (rc < 0)
        return rc;
    return (size_t)rc >= sizeof answer.header + sizeof answer.ack && answer.header.nlmsg_type == NLMSG_ERROR
               ? answer.ack.error
               : -EPROTO;
}

/* A socket in the container's network namespace, for Java, which gets it with the next word that a part is done: whoever
 * has it reaches that namespace without entering it. str: the address to bind, or an empty one; num[0]: domain, and type
 * above 16 bits; num[1]: protocol. */
HANDLER(op_socket)
{
    int domain = (int)(op->num[0] & 0xffff), type = (int)(op->num[0] >> 16);
    if (w->socket_count == MAX_SOCKETS)
        return -EMFILE;
    int fd = result(socket(domain, type | SOCK_CLOEXEC, (int)op->num[1]));
    if (fd < 0)
        return fd;
    w->sockets[w->socket_count++] = fd;
    if (op->length != 0 && bind(fd, blob(w, op), op->length) != 0)
        return -errno;
    return (op->flags & OP_LISTEN) != 0 ? result(listen(fd, SOMAXCONN)) : 0;
}

/* Nothing mounted here shows on the host, and nothing mounted there later shows here. num[0]: the namespace to make
 * first, in the zygote's own set-up. mount_namespaces(7). */
HANDLER(op_mount_private)
{
    if (op->num[0] != 0 && unshare((int)op->num[0]) != 0)
        return -errno;
    return result(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* A root or a volume can bring a /proc that redirects writes. */
static bool on_procfs(int fd)
{
    struct statfs status;
    return fstatfs(fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

/* Puts a detached mount where the op says, by descriptors at both ends: nobody can exchange the target in between. A
 * symlink of the root's may lead a volume anywhere but onto /proc, which is to stay the kernel's word.
 * A new root goes on top of "/"; ops then work beneath it. */
static int attach(struct walker *w, const struct hutch_op *op, int tree)
{
    if ((op->flags & OP_AS_ROOT) != 0) {
        w->root = tree;
        return result(sys_move_mount(tree, AT_FDCWD, "/", 0) != 0 ? -1 : fchdir(tree));
    }
    CLOSING int target = open_beneath(w, text(w, op, 1), O_PATH, op->flags);
    CLOSING int mount = tree;
    if ((op->flags & OP_NO_SYMLINKS) == 0 && on_procfs(target))
        return -EXDEV;
    return target < 0 ? target : result(sys_move_mount(mount, target, "", MOVE_MOUNT_T_EMPTY_PATH));
}

static int create_fs(const char *type, char **option, uint64_t attributes)
{
    CLOSING int context = result(sys_fsopen(type));
    int rc = context < 0 ? context : 0;
    for (; rc == 0 && option[0] != NULL && option[1] != NULL; option += 2)
        rc = result(option[1][0] == '\0' ? sys_fsconfig(context, FSCONFIG_SET_FLAG, option[0], NULL)
                                         : sys_fsconfig(context, FSCONFIG_SET_STRING, option[0], option[1]));
    if (rc == 0)
        rc = result(sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL));
    return rc < 0 ? rc : result(sys_fsmount(context, (unsigned int)attributes));
}

/* A new file system, which relative paths in the next one's options mean: the kernel resolves these by path, and symlinks
 * of a hostile root would lead it out. str: type, target, option names and values ("" for a flag); num[0]: attributes. */
HANDLER(op_mount_fs)
{
    int tree = create_fs(text(w, op, 0), list(w, op, 2), op->num[0]);
    if (tree >= 0 && fchdir(tree) != 0)
        return -errno;
    return tree < 0 ? tree : attach(w, op, tree);
}

/* Of the host's paths Java has resolved all links that may be followed. One that is met now was put there since, by whoever
 * can write there: a sandbox, even. */
static int open_source(struct walker *w, const struct hutch_op *op)
{
    unsigned int recursive = (op->flags & OP_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    if (op->fd != NO_FD) {
        int tree = w->fds.fd[op->fd];
        w->fds.fd[op->fd] = -1;
        return tree;
    }
    CLOSING int source = (op->flags & OP_SOURCE_IN_ROOT) != 0
                             ? open_beneath(w, text(w, op, 0), O_PATH, op->flags)
                             : result(sys_openat2(AT_FDCWD, text(w, op, 0), O_PATH, 0, RESOLVE_NO_SYMLINKS));
    return source < 0 ? source : result(sys_open_tree(source, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | recursive));
}

/* A device is bound only if it is the one that was meant: a planted file or symlink in its place is not. */
static int expect_device(int fd, uint64_t device)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return -errno;
    return S_ISCHR(status.st_mode) && status.st_rdev == device ? 0 : -ENODEV;
}

/* A bind mount: of a tree that Java sent, of a path in the namespace at hand, or of a place in the new root itself.
 * num[0]: attributes for the whole tree; num[1]: the character device that it must be, or 0. */
HANDLER(op_mount_tree)
{
    struct mount_attr attributes = {.attr_set = op->num[0]};
    int tree = open_source(w, op);
    if (tree < 0)
        return tree == -ENOENT && (op->flags & OP_IF_EXISTS) != 0 ? 0 : tree;
    int rc = op->num[1] != 0 ? expect_device(tree, op->num[1]) : 0;
    if (rc == 0 && op->num[0] != 0)
        rc = result(sys_mount_setattr(tree, AT_EMPTY_PATH | AT_RECURSIVE, &attributes));
    return rc < 0 ? rc : attach(w, op, tree);
}

/* str: target; num: attributes to set and to clear. */
HANDLER(op_mount_setattr)
{
    struct mount_attr attributes = {.attr_set = op->num[0], .attr_clr = op->num[1]};
    unsigned int recursive = (op->flags & OP_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    CLOSING int fd = open_beneath(w, text(w, op, 0), O_PATH, op->flags);
    return fd < 0 ? fd : result(sys_mount_setattr(fd, AT_EMPTY_PATH | recursive, &attributes));
}

static int cover(bool folder, const char *null_device, uint64_t device)
{
    uint64_t sealed = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    if (folder)
        return create_fs("tmpfs", (char *[]){NULL}, sealed);
    int tree = result(sys_open_tree(AT_FDCWD, null_device, OPEN_TREE_CLONE));
    int rc = tree < 0 ? tree : expect_device(tree, device);
    return rc < 0 ? rc : tree;
}

/* Hides a path: a folder under an empty one, anything else under the null device, which is checked to be that. What is
 * not there needs no mask. str: target, the null device in the namespace at hand; num[1]: its number. */
HANDLER(op_mask)
{
    struct stat status;
    CLOSING int target = open_beneath(w, text(w, op, 0), O_PATH, op->flags);
    if (target < 0)
        return target == -ENOENT ? 0 : target;
    if (fstat(target, &status) != 0)
        return -errno;
    CLOSING int over = cover(S_ISDIR(status.st_mode), text(w, op, 1), op->num[1]);
    return over < 0 ? over : result(sys_move_mount(over, target, "", MOVE_MOUNT_T_EMPTY_PATH));
}

/* Something was there already: fine where the plan says so; what it is, the mount on it finds out. */
static int unless_exists(const struct hutch_op *op, int rc)
{
    return rc == -EEXIST && (op->flags & OP_MAY_EXIST) != 0 ? 0 : rc;
}

/* str: the folder it is made in, its name; num[0]: mode. */
HANDLER(op_mkdir)
{
    CLOSING int parent = open_beneath(w, text(w, op, 0), O_PATH | O_DIRECTORY, op->flags);
    return parent < 0 ? parent : unless_exists(op, result(mkdirat(parent, text(w, op, 1), (mode_t)op->num[0])));
}

/* str: the folder it is made in, its name, what it points to. */
HANDLER(op_symlink)
{
    CLOSING int parent = open_beneath(w, text(w, op, 0), O_PATH | O_DIRECTORY, op->flags);
    return parent < 0 ? parent : unless_exists(op, result(symlinkat(text(w, op, 2), parent, text(w, op, 1))));
}

static int write_all(int fd, const void *content, size_t length)
{
    ssize_t written = length == 0 ? 0 : write(fd, content, length);
    return written < 0 ? -errno : written == (ssize_t)length ? 0 : -EIO;
}

/* Makes a file, never follows or opens what is there: that stays, or goes. Or appends to one, which an inmate may have
 * exchanged since for a link, or for a pipe that nobody reads. str: content, folder, name; num[0]: mode. */
HANDLER(op_write_file)
{
    bool append = (op->flags & OP_APPEND) != 0;
    int flags = O_WRONLY | O_CLOEXEC | (append ? O_APPEND | O_NOFOLLOW | O_NONBLOCK : O_CREAT | O_EXCL);
    CLOSING int parent = open_beneath(w, text(w, op, 1), O_PATH | O_DIRECTORY, op->flags);
    if (parent < 0)
        return parent;
    if ((op->flags & OP_REPLACE) != 0 && unlinkat(parent, text(w, op, 2), 0) != 0 && errno != ENOENT)
        return -errno;
    CLOSING int fd = result(openat(parent, text(w, op, 2), flags, (mode_t)op->num[0]));
    return fd < 0 ? unless_exists(op, fd) : write_all(fd, blob(w, op), op->length);
}

/* Opens a file that must be procfs's own. */
static int open_proc(const struct walker *w, const char *path, uint64_t flags)
{
    int fd = open_beneath(w, path, flags, 0);
    if (fd < 0 || on_procfs(fd))
        return fd;
    close(fd);
    return -EXDEV;
}

static int write_proc(const struct walker *w, const char *path, const char *value)
{
    CLOSING int fd = open_proc(w, path, O_WRONLY);
    return fd < 0 ? fd : write_all(fd, value, strlen(value));
}

HANDLER(op_write_proc)
{
    int rc = write_proc(w, text(w, op, 0), text(w, op, 1));
    return rc == -ENOENT && (op->flags & OP_IF_EXISTS) != 0 ? 0 : rc;
}

/* Makes the new root "/" and drops the old one. "." is stacked on "." so that no put_old folder is needed in a root
 * that isn't trusted: pivot_root(2), NOTES. chdir last: the working directory must not stay outside. */
HANDLER(op_pivot_root)
{
    if (fchdir(w->root) != 0)
        return -errno;
    if (syscall(SYS_pivot_root, ".", ".") != 0)
        return -errno;
    if (umount2(".", MNT_DETACH) != 0)
        return -errno;
    return result(chdir("/"));
}

/* The part is done: Java may send the next one, or leave the child parked. The message's credentials carry the pid. */
HANDLER(op_ready)
{
    struct hutch_message message = {.kind = MESSAGE_READY};
    w->slot->exec_nanos = 0; /* a filter was no last step, then */
    int rc = channel_send(CHANNEL_FD, &message, sizeof message, w->sockets, w->socket_count);
    while (w->socket_count > 0)
        close(w->sockets[--w->socket_count]);
    return rc;
}

static int enter_time_namespace(const struct walker *w, const char *offsets)
{
    int rc = write_proc(w, "proc/self/timens_offsets", offsets);
    CLOSING int folder = rc < 0 ? rc : open_proc(w, "proc/self/ns", O_RDONLY | O_DIRECTORY);
    CLOSING int ns = folder < 0 ? folder : result(openat(folder, "time_for_children", O_RDONLY | O_CLOEXEC));
    return ns < 0 ? ns : result(setns(ns, CLONE_NEWTIME));
}

/* A time namespace takes its offsets before its first task, so it is unshared, written and entered here; clone3 would
 * make this process that task. The file belongs to root unless the process is dumpable. time_namespaces(7). */
HANDLER(op_time_offsets)
{
    if (unshare(CLONE_NEWTIME) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
        return -errno;
    int rc = enter_time_namespace(w, text(w, op, 0));
    return prctl(PR_SET_DUMPABLE, 0) != 0 ? -errno : rc;
}

HANDLER(op_dup2)
{
    return result(dup2(w->fds.fd[op->fd], (int)op->num[0]));
}

/* Empties the bounding set but for num[0]. The highest capability is where the kernel says EINVAL. */
HANDLER(op_bounding)
{
    for (unsigned int cap = 0; cap < 64; cap++) {
        if ((op->num[0] >> cap & 1) != 0)
            continue;
        if (prctl(PR_CAPBSET_DROP, cap) != 0)
            return errno == EINVAL && cap > CAP_AUDIT_READ ? 0 : -errno;
    }
    return 0;
}

/* prctl(2): securebits, ambient capabilities, no_new_privs, and PDEATHSIG for a command without init, which dies with its
 * guard: after the ids, which clear it, and with a filter that keeps it set. num: operation, argument; length: another. */
HANDLER(op_prctl)
{
    return result(prctl((int)op->num[0], op->num[1], (unsigned long)op->length, 0, 0));
}

/* The final ids. str: supplementary groups; num: uid, gid. */
HANDLER(op_set_ids)
{
    if (syscall(SYS_setgroups, op->length / sizeof(gid_t), blob(w, op)) != 0)
        return -errno;
    return set_ids((uid_t)op->num[0], (gid_t)op->num[1]);
}

/* num: permitted and effective; inheritable. */
HANDLER(op_capset)
{
    return set_capabilities(op->num[0], op->num[1]);
}

/* A session of its own, so that no terminal of the caller's is its controlling one. num[0]: whether stream 0 is a
 * terminal that shall be. */
HANDLER(op_setsid)
{
    if (setsid() < 0)
        return -errno;
    return op->num[0] == 0 ? 0 : result(ioctl(0, TIOCSCTTY, 0));
}

/* Never through a magic link: /proc/self/fd/N led a runtime's working directory out of the root once. A child that waits
 * behind the filter has no openat2(2) any more, and no directory open that such a link could lead to. */
HANDLER(op_chdir)
{
    int beneath = open_beneath(w, text(w, op, 0), O_PATH | O_DIRECTORY, 0);
    CLOSING int fd = beneath == -ENOSYS ? result(open(text(w, op, 0), O_PATH | O_DIRECTORY | O_CLOEXEC)) : beneath;
    return fd < 0 ? fd : result(fchdir(fd));
}

/* Only 0 to 2 cross execve; this takes the channel too, whose end of file tells Java that execve was reached. */
HANDLER(op_close_on_exec)
{
    return result(sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
}

HANDLER(op_unblock_signals)
{
    sigset_t none;
    sigemptyset(&none);
    return result(sigprocmask(SIG_SETMASK, &none, NULL));
}

/* What may be fenced off at all. num[0]: rights on files; num[1]: rights on TCP ports, and scopes above 32 bits. An older
 * kernel takes the longer structure as long as what it doesn't know is 0. landlock(7). */
HANDLER(op_landlock_create)
{
    const uint64_t attributes[3] = {op->num[0], op->num[1] & 0xffffffff, op->num[1] >> 32};
    w->ruleset = result(syscall(SYS_landlock_create_ruleset, attributes, sizeof attributes, 0));
    return w->ruleset < 0 ? w->ruleset : 0;
}

/* Opens what is at a path, and all below, to these rights. It has no link in it: Java has resolved those. str: the path;
 * num: the rights, and which of them a file can have that is no folder. */
HANDLER(op_landlock_rule)
{
    struct stat status;
    CLOSING int fd = result(sys_openat2(AT_FDCWD, text(w, op, 0), O_PATH, 0, RESOLVE_NO_SYMLINKS));
    if (fd < 0 || fstat(fd, &status) != 0)
        return fd == -ENOENT && (op->flags & OP_IF_EXISTS) != 0 ? 0 : -errno;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = S_ISDIR(status.st_mode) ? op->num[0] : op->num[0] & op->num[1], .parent_fd = fd};
    return result(syscall(SYS_landlock_add_rule, w->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

/* From here on, and for all descendants. After no_new_privs, which it needs. */
HANDLER(op_landlock_restrict)
{
    return result(syscall(SYS_landlock_restrict_self, w->ruleset, 0));
}

/* Last before execve, so that the filter needs to allow none of the calls above. seccomp(2). */
HANDLER(op_seccomp)
{
    if (op->length / sizeof(struct sock_filter) > BPF_MAXINSNS)
        return -EINVAL; /* the cast would leave a shorter filter */
    struct sock_fprog program = {
        .len = (unsigned short)(op->length / sizeof(struct sock_filter)),
        .filter = (struct sock_filter *)(uintptr_t)blob(w, op),
    };
    w->slot->exec_nanos = monotonic_nanos();
    return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

/* Tries each candidate, as execvp(3) does: one that is not there, or not to be entered, leaves the next its chance.
 * str: candidates, arguments, environment. */
HANDLER(op_execve)
{
    char **arguments = list(w, op, 1);
    char **environment = list(w, op, 2);
    int refused = -ENOENT;
    if (w->slot->exec_nanos == 0)
        w->slot->exec_nanos = monotonic_nanos();
    for (char **candidate = list(w, op, 0); *candidate != NULL; candidate++) {
        execve(*candidate, arguments, environment);
        if (errno == EACCES)
            refused = -EACCES;
        else if (errno != ENOENT && errno != ENOTDIR)
            return -errno;
    }
    return refused;
}

static int (*const handlers[OP_COUNT])(struct walker *, const struct hutch_op *) = {
#define ENTRY(name, handler, first, second, third) [OP_##name] = handler,
    HUTCH_OPS(ENTRY)
#undef ENTRY
};

/* ---- The walk ---- */

/* A part that is too large for a message comes as a memory file, which nobody may change or shrink under us. */
static int map_part(struct walker *w, ssize_t received)
{
    if (!w->part->in_memory)
        return (int)received;
    if (w->fds.count == 0)
        return -EPROTO;
    int fd = w->fds.fd[--w->fds.count];
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) != (F_SEAL_SHRINK | F_SEAL_WRITE))
        return -EPERM;
    uint32_t size = w->part->size;
    struct stat status;
    if (fstat(fd, &status) != 0 || size < sizeof *w->part || size > INT32_MAX || status.st_size != (off_t)size)
        return -EPROTO;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    close(fd);
    w->part = map;
    return (int)size;
}

static int receive_part(struct walker *w, int channel)
{
    static _Alignas(uint64_t) char buffer[MAX_INLINE];
    ssize_t received = channel_receive(channel, buffer, sizeof buffer, &w->fds);
    if (received < (ssize_t)sizeof(struct hutch_part))
        return received < 0 ? (int)received : -EPIPE;
    w->part = (struct hutch_part *)(void *)buffer;
    int size = map_part(w, received);
    return size < 0 ? size : plan_check(w->part, (size_t)size, w->fds.count);
}

static void drop_part(struct walker *w)
{
    close_descriptors(&w->fds);
    if (w->part->in_memory)
        munmap(w->part, w->part->size);
}

/* Receives, checks and walks one part: 0, or -errno with the place in *failure. */
static int walk(struct walker *w, int channel, struct hutch_message *failure)
{
    failure->stage = STAGE_PART;
    int rc = receive_part(w, channel);
    if (rc < 0)
        return rc;
    failure->stage = STAGE_OP;
    const struct hutch_op *ops = plan_ops(w->part);
    for (failure->op = 0; failure->op < w->part->op_count; failure->op++) {
        rc = handlers[ops[failure->op].code](w, &ops[failure->op]);
        if (rc < 0)
            return rc;
    }
    drop_part(w);
    return 0;
}

int walk_part(int channel, struct hutch_message *failure)
{
    struct walker w = {.root = AT_FDCWD};
    return walk(&w, channel, failure);
}

/* Parts are walked until one ends in execve. End of file before that: Java has given the launch up. */
static _Noreturn void run_command(const struct container *c)
{
    struct walker w = {.root = AT_FDCWD, .slot = c->slot};
    struct hutch_message failure = {0};
    close(CONTROL_FD);
    close(LIFELINE_FD);
    close(ZYGOTE_FD);
    close(KILL_FD);
    int rc;
    do
        rc = walk(&w, CHANNEL_FD, &failure);
    while (rc == 0);
    fail(c->slot, failure.stage, failure.op, -rc);
}

/* ---- The container's life ---- */

_Noreturn void container_main(struct container *c)
{
    struct hutch_go go;
    struct descriptors fds;
    require(c, STAGE_PARENT, die_with_zygote(c));
    ssize_t received = channel_receive(CHANNEL_FD, &go, sizeof go, &fds);
    if (received == 0)
        _exit(0);
    require(c, STAGE_GO, received < 0 ? (int)received : received == sizeof go && go.magic == GO_MAGIC ? 0 : -EPROTO);
    int joined = go.join != 0 && fds.count > 0 ? fds.fd[--fds.count] : -1;
    require(c, STAGE_JOIN, join_cgroups(&go, &fds));
    require(c, STAGE_JOIN, join_namespaces(&go, joined));
    require(c, STAGE_IDS, take_ids(&go));
    require(c, STAGE_PARENT, die_with_zygote(c));
    c->fenced = (c->flags & REQUEST_SWEEP) != 0 && fence_signals();
    pid_t command = sys_fork((c->flags & REQUEST_NEW_PID) != 0 ? CLONE_NEWPID : 0, SIGCHLD, &c->slot->command);
    require(c, STAGE_INIT, result(command));
    if (command == 0)
        run_command(c);
    supervise(c, command);
}
