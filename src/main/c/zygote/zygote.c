// SPDX-License-Identifier: Apache-2.0
/*
 * The zygote: one per JVM, so that containers are cloned from a process that is tiny, single-threaded and holds nothing
 * of the JVM's. It reads requests, clones, reaps, and reports. It ends with its JVM: hang-up of
 * the lifeline, or end of file on its socket.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "channel.h"
#include "child.h"
#include "sys.h"

enum { MAX_CONTAINERS = 8192 };

/* A live container. Its index is its slot's; kill files are kept where no pid namespace ends it. */
struct live {
    pid_t pid; /* 0: free */
    uint32_t flags;
    uint64_t id;
    int kill_fd;
    int pids_max_fd;
};

static struct live containers[MAX_CONTAINERS];
static unsigned int high_water; /* no container at or above it */

static int close_fds(struct descriptors *fds)
{
    for (unsigned int i = 0; i < fds->count; i++)
        if (fds->fd[i] >= 0)
            close(fds->fd[i]);
    return 0;
}

/* Descriptors at fixed numbers, signals blocked, a session and a keyring of its own, nothing inherited. */
static int settle(void)
{
    sigset_t all;
    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, NULL) != 0 || sys_close_range(LIFELINE_FD + 1, ~0U, 0) != 0)
        return -errno;
    if (sys_pidfd_open(getpid()) != ZYGOTE_FD)
        return -EBADF;
    for (int fd = ZYGOTE_FD + 1; fd < FIRST_FREE_FD; fd++)
        if (fcntl(0, F_DUPFD_CLOEXEC, fd) != fd)
            return -EBADF;
    if (setsid() < 0 && errno != EPERM)
        return -errno;
    if (syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL) < 0 && errno != ENOSYS)
        return -errno;
    return chdir("/") != 0 ? -errno : 0;
}

static int free_slot(void)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid == 0)
            return (int)i;
    return high_water < MAX_CONTAINERS ? (int)high_water++ : -EUSERS;
}

/* In the child: only what a container's first process works with stays open. */
static _Noreturn void enter(const struct container *c, const struct descriptors *fds, unsigned int kill_at)
{
    dup2(fds->fd[0], CHANNEL_FD);
    if ((c->flags & (REQUEST_KILL_FILE | REQUEST_KILL_PROCS)) != 0)
        dup2(fds->fd[kill_at], KILL_FD);
    if ((c->flags & REQUEST_KILL_PROCS) != 0)
        dup2(fds->fd[kill_at + 1], PIDS_MAX_FD);
    if (sys_close_range(FIRST_FREE_FD, ~0U, 0) != 0)
        _exit(125);
    container_main(c);
}

/* Clones, and answers over the container's own channel: its pid and a pidfd, or errno. */
static void start(const struct hutch_request *request, struct descriptors *fds, struct hutch_slot *slots)
{
    unsigned int kill_at = (request->flags & REQUEST_INTO_CGROUP) != 0 ? 2 : 1;
    unsigned int wanted = kill_at + ((request->flags & REQUEST_KILL_FILE) != 0 ? 1U : 0U) +
                          ((request->flags & REQUEST_KILL_PROCS) != 0 ? 2U : 0U);
    struct hutch_message reply = {.kind = MESSAGE_CLONED, .stage = STAGE_CLONE};
    int pidfd = -1;
    int slot = fds->count == wanted ? free_slot() : -EPROTO;
    if (slot >= 0) {
        struct container container = {
            .id = request->id, .namespaces = request->namespaces, .flags = request->flags, .slot = &slots[slot]};
        struct clone_args args = {
            .flags = request->namespaces | CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&pidfd};
        if ((request->flags & REQUEST_INTO_CGROUP) != 0) {
            args.flags |= CLONE_INTO_CGROUP;
            args.cgroup = (__u64)fds->fd[1];
        }
        memset(&slots[slot], 0, sizeof slots[slot]);
        reply.pid = (pid_t)sys_clone3(&args);
        if (reply.pid == 0)
            enter(&container, fds, kill_at);
        reply.error = reply.pid < 0 ? errno : 0;
    } else {
        reply.error = -slot;
    }
    if (reply.error != 0)
        reply.kind = MESSAGE_FAILED;
    (void)channel_send(fds->count > 0 ? fds->fd[0] : -1, &reply, sizeof reply, pidfd);
    if (pidfd >= 0)
        close(pidfd);
    if (reply.error == 0) {
        struct live *live = &containers[slot];
        *live = (struct live){.pid = reply.pid, .flags = request->flags, .id = request->id};
        if (wanted > kill_at) {
            live->kill_fd = fds->fd[kill_at];
            fds->fd[kill_at] = -1;
        }
        if (wanted > kill_at + 1) {
            live->pids_max_fd = fds->fd[kill_at + 1];
            fds->fd[kill_at + 1] = -1;
        }
    }
    close_fds(fds);
}

/* The container's first process is gone; without a pid namespace, the others may not be. */
static void end(struct live *live)
{
    kill_cgroup(live->flags, live->kill_fd, live->pids_max_fd);
    if ((live->flags & (REQUEST_KILL_FILE | REQUEST_KILL_PROCS)) != 0)
        close(live->kill_fd);
    if ((live->flags & REQUEST_KILL_PROCS) != 0)
        close(live->pids_max_fd);
    live->pid = 0;
    while (high_water > 0 && containers[high_water - 1].pid == 0)
        high_water--;
}

/* Its rusage covers all that init has reaped. */
static void report_reaped(const struct live *live, const struct hutch_slot *slot, int status,
                          const struct rusage *usage)
{
    struct hutch_report report = {
        .kind = REPORT_REAPED,
        .status = status,
        .id = live->id,
        .stage = slot->stage,
        .op = slot->op,
        .error = slot->error,
        .pid = live->pid,
        .exec_nanos = slot->exec_nanos,
    };
    count_usage(&report, usage);
    (void)channel_send(CONTROL_FD, &report, sizeof report, -1);
}

static void reap_all(const struct hutch_slot *slots)
{
    int status;
    struct rusage usage;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
        for (unsigned int i = 0; i < high_water; i++)
            if (containers[i].pid == pid) {
                report_reaped(&containers[i], &slots[i], status, &usage);
                end(&containers[i]);
                break;
            }
}

/* The JVM is gone. Namespaced containers see their parent's death themselves; the others end here. */
static _Noreturn void leave(void)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid != 0)
            kill_cgroup(containers[i].flags, containers[i].kill_fd, containers[i].pids_max_fd);
    _exit(0);
}

/* The first message is a plan part that makes the zygote's own surroundings: its small mount namespace. */
static int set_up(void)
{
    struct hutch_message failure = {0};
    int rc = walk_part(CONTROL_FD, &failure);
    struct hutch_report report = {.kind = REPORT_SETUP, .stage = failure.stage, .op = failure.op, .error = -rc};
    int sent = channel_send(CONTROL_FD, &report, sizeof report, -1);
    return rc < 0 ? rc : sent;
}

static _Noreturn void serve(struct hutch_slot *slots, int signals)
{
    struct pollfd watch[] = {
        {.fd = CONTROL_FD, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = LIFELINE_FD}};
    for (;;) {
        if ((poll(watch, 3, -1) < 0 && errno != EINTR) || watch[2].revents != 0)
            leave();
        if (watch[1].revents != 0) {
            struct signalfd_siginfo info;
            (void)!read(signals, &info, sizeof info);
            reap_all(slots);
        }
        if (watch[0].revents == 0)
            continue;
        struct hutch_request request;
        struct descriptors fds;
        ssize_t received = channel_receive(CONTROL_FD, &request, sizeof request, &fds);
        if (received <= 0)
            leave();
        if (received == sizeof request && request.magic == REQUEST_MAGIC)
            start(&request, &fds, slots);
        else
            close_fds(&fds);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return write(1, "hutch-zygote 1\n", 15) == 15 ? 0 : 1;
    struct hutch_slot *slots =
        mmap(NULL, MAX_CONTAINERS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED || settle() < 0 || set_up() < 0)
        return 125;
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    int signals = signalfd(-1, &chld, SFD_CLOEXEC);
    if (signals < 0)
        return 125;
    serve(slots, signals);
}
