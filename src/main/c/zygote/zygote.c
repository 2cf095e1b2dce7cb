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
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "channel.h"
#include "child.h"
#include "sys.h"

enum { MAX_CONTAINERS = 8192 };

/* A live container. Its index is its slot's; where no pid namespace ends it, its cgroup.kill does, else -1. Once it was
 * stopped by the freezer of cgroup v1, which no SIGKILL gets through, thaw_fd is what lets it go on, else -1. */
struct live {
    pid_t pid; /* 0: free */
    bool guard;
    int kill_fd;
    int thaw_fd;
    uint64_t id;
};

static struct live containers[MAX_CONTAINERS];
static unsigned int high_water; /* no container at or above it */

/* The C library's posix_spawn(3) leaves its own two signals ignored, and every execve would hand that on. */
static int default_signals(void)
{
    static const uint64_t defaults[4]; /* the kernel's struct sigaction: SIG_DFL, no flags, nothing masked */
    for (int signal = 32; signal <= 33; signal++)
        if (syscall(SYS_rt_sigaction, signal, defaults, NULL, sizeof(uint64_t)) != 0)
            return -errno;
    return 0;
}

/* A real-time caller's priority would leave an inmate that spins alone with the processor; a cgroup of v1 refuses it. */
static int default_scheduling(void)
{
    const struct sched_param none = {0};
    return result(sched_setscheduler(0, SCHED_OTHER, &none));
}

/* Descriptors at fixed numbers, signals blocked, a process group, a keyring and a umask of its own, nothing inherited.
 * The session stays the JVM's: so its death orphans the group, and the kernel continues a zygote that was stopped, which
 * then ends; _exit(2), NOTES. Whoever lost its parent becomes the zygote's child: what a killed guard leaves. */
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
    if (setpgid(0, 0) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_SET_NAME, "hutch-zygote") != 0)
        return -errno;
    if (default_signals() < 0 || default_scheduling() < 0)
        return -errno;
    if (sys_own_keyring() < 0)
        return -EACCES;
    umask(022);
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
static _Noreturn void enter(struct container *c, int channel, int kill_fd)
{
    if (dup2(channel, CHANNEL_FD) < 0 || (kill_fd >= 0 && dup2(kill_fd, KILL_FD) < 0) ||
        sys_close_range(FIRST_FREE_FD, ~0U, 0) != 0)
        _exit(125);
    container_main(c);
}

/* The clone itself: the pid, or -errno. The child never returns. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes to it. */
static pid_t clone_container(struct container *c, int channel, int cgroup, int kill_fd, int *pidfd)
{
    struct clone_args args = {.flags = c->namespaces | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
                              .exit_signal = SIGCHLD,
                              .pidfd = (uintptr_t)pidfd,
                              .cgroup = (__u64)(cgroup >= 0 ? cgroup : 0)};
    pid_t pid = sys_clone(&args, &c->clone3_hidden);
    if (pid == 0)
        enter(c, channel, kill_fd);
    return pid < 0 ? -errno : pid;
}

/* Clones in another's network namespace: the zygote, which has the right to, is there for as long as that takes. fds: that
 * namespace and our own. Where there is no way back, no child may be made any more. setns(2). */
static pid_t clone_in_netns(struct container *c, int channel, int cgroup, int kill_fd, const int *fds, int *pidfd)
{
    if (setns(fds[0], CLONE_NEWNET) != 0)
        return -errno;
    pid_t pid = clone_container(c, channel, cgroup, kill_fd, pidfd);
    if (setns(fds[1], CLONE_NEWNET) != 0)
        _exit(125);
    return pid;
}

/* Clones, and answers over the container's own channel: its pid and a pidfd, or errno. */
static void start(const struct hutch_request *request, struct descriptors *fds, struct hutch_slot *slots)
{
    unsigned int next = 0;
    int channel = next < fds->count ? fds->fd[next++] : -1;
    int cgroup = (request->flags & REQUEST_INTO_CGROUP) != 0 && next < fds->count ? fds->fd[next++] : -1;
    int *kill_place = (request->flags & REQUEST_KILL_FILE) != 0 && next < fds->count ? &fds->fd[next++] : NULL;
    int kill_fd = kill_place != NULL ? *kill_place : -1;
    bool in_netns = (request->flags & REQUEST_IN_NETNS) != 0;
    int pidfd = -1;
    int slot = free_slot();
    pid_t pid = slot;
    struct container container = {.id = request->id, .namespaces = request->namespaces, .flags = request->flags};
    if (slot >= 0) {
        container.slot = &slots[slot];
        memset(container.slot, 0, sizeof *container.slot);
        if (in_netns)
            pid = next + 2 > fds->count ? -EPROTO
                                        : clone_in_netns(&container, channel, cgroup, kill_fd, &fds->fd[next], &pidfd);
        else
            pid = clone_container(&container, channel, cgroup, kill_fd, &pidfd);
    }
    struct hutch_message reply = {.kind = pid < 0 ? MESSAGE_FAILED : MESSAGE_CLONED,
                                  .stage = STAGE_CLONE,
                                  .op = container.clone3_hidden ? 1 : 0,
                                  .error = pid < 0 ? -pid : 0,
                                  .pid = pid};
    /* Java, which hears of nothing then, must not be waited for. The pidfd's number is written also where the clone fails
     * after that: it is none then. */
    if (channel_send(channel, &reply, sizeof reply, &pidfd, pid > 0 ? 1 : 0) < 0 && pid > 0)
        kill(pid, SIGKILL);
    if (pid > 0) {
        close_quietly(&pidfd);
        bool guard = (request->flags & REQUEST_GUARD) != 0;
        containers[slot] =
            (struct live){.pid = pid, .guard = guard, .kill_fd = kill_fd, .thaw_fd = -1, .id = request->id};
        if (kill_place != NULL)
            *kill_place = -1;
    }
    close_descriptors(fds);
}

/* Keeps what lets a container go on; one that has ended needs it no more. */
static void keep_thaw(const struct hutch_request *request, struct descriptors *fds)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid != 0 && containers[i].id == request->id && fds->count > 0) {
            close_quietly(&containers[i].thaw_fd);
            containers[i].thaw_fd = fds->fd[0];
            fds->fd[0] = -1;
        }
    close_descriptors(fds);
}

/* Ends what may outlive a guard: the command, which keeps its pid until the guard or, after it, we have reaped it, and
 * without a pid namespace all others. */
static void end_guarded(const struct live *live, const struct hutch_slot *slot)
{
    if (live->guard && slot->command > 0)
        kill(slot->command, SIGKILL);
    if (live->kill_fd >= 0)
        (void)!write(live->kill_fd, "1", 1);
}

static void end(struct live *live, const struct hutch_slot *slot)
{
    end_guarded(live, slot);
    close_quietly(&live->kill_fd);
    close_quietly(&live->thaw_fd);
    live->pid = 0;
    while (high_water > 0 && containers[high_water - 1].pid == 0)
        high_water--;
}

static bool is_first_process(pid_t pid)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid == pid)
            return true;
    return false;
}

/* True where somebody was reaped whose guard was killed. */
static bool reap_one(pid_t pid, int status, const struct rusage *usage, const struct hutch_slot *slots)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid == pid) {
            /* This rusage covers all that init has reaped. */
            struct hutch_report report = {.kind = REPORT_REAPED, .status = status, .id = containers[i].id, .pid = pid};
            bool killed = containers[i].guard && !WIFEXITED(status);
            send_report(report, &slots[i], usage);
            end(&containers[i], &slots[i]);
            return killed;
        }
    return true;
}

/* Of a guard that was killed all that it kept is ours now: each that ends hands its own children on to us. */
static void reap_all(const struct hutch_slot *slots)
{
    int status;
    struct rusage usage;
    pid_t pid;
    bool orphans = false;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
        orphans |= reap_one(pid, status, &usage, slots);
    if (orphans)
        kill_children(is_first_process);
}

/* The JVM is gone. Containers with an init see their parent's death themselves; the others end here. */
static _Noreturn void leave(const struct hutch_slot *slots)
{
    for (unsigned int i = 0; i < high_water; i++)
        if (containers[i].pid != 0) {
            end_guarded(&containers[i], &slots[i]);
            if (containers[i].thaw_fd >= 0)
                (void)!write(containers[i].thaw_fd, "THAWED", sizeof "THAWED" - 1);
        }
    while (kill_children(is_first_process) && poll(NULL, 0, 1) <= 0)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    _exit(0);
}

/* The first message is a plan part that makes the zygote's own surroundings: its small mount namespace. */
static int set_up(void)
{
    struct hutch_message failure = {0};
    int rc = walk_part(CONTROL_FD, &failure);
    struct hutch_report report = {.kind = REPORT_SETUP, .stage = failure.stage, .op = failure.op, .error = -rc};
    int sent = channel_send(CONTROL_FD, &report, sizeof report, NULL, 0);
    return rc < 0 ? rc : sent;
}

static _Noreturn void serve(struct hutch_slot *slots, int signals)
{
    struct pollfd watch[] = {
        {.fd = CONTROL_FD, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = LIFELINE_FD}};
    for (;;) {
        if ((poll(watch, 3, -1) < 0 && errno != EINTR) || watch[2].revents != 0)
            leave(slots);
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
        if (received <= 0 && received != -EMFILE && received != -EMSGSIZE)
            leave(slots);
        if (received != sizeof request || request.magic != REQUEST_MAGIC)
            close_descriptors(&fds);
        else if (request.flags == REQUEST_THAW)
            keep_thaw(&request, &fds);
        else
            start(&request, &fds, slots);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return write(1, "hutch-zygote 1\n", 15) == 15 ? 0 : 1;
    /* In a session's container, in place of a main program: PID 1, which reaps and can't be ended from inside. */
    while (argc > 1 && strcmp(argv[1], "--hold") == 0 && signal(SIGCHLD, SIG_IGN) != SIG_ERR)
        pause();
    /* And what ends all others there: whoever has a parent is in no pid namespace that a session has entered. */
    if (argc > 1 && strcmp(argv[1], "--end-others") == 0)
        return getppid() == 0 ? kill(-1, SIGKILL) : 1;
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
