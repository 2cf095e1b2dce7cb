// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int zygote_pidfd;

/* ---- The command: from its fork to execve ---- */

static void set_capabilities(uint32_t permitted)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = permitted, .permitted = permitted}};
    check(syscall(SYS_capset, &header, data), "capset");
}

static void give_up_rights(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability) == 0; capability++)
        ;
    check(prctl(PR_SET_SECUREBITS, SECURE_ALL_LOCKS | (SECURE_ALL_BITS & ~issecure_mask(SECURE_KEEP_CAPS)) |
                                       issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE)),
          "securebits");
    check(setgroups(0, NULL), "setgroups");
    check(setresgid(USER, USER, USER), "setresgid");
    check(setresuid(USER, USER, USER), "setresuid");
    set_capabilities(0);
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static _Noreturn void command(int channel)
{
    char part;
    int streams[MAX_FDS];
    sigset_t none;
    char *const arguments[] = {(char *)(uintptr_t)the.program, NULL};
    char *const environment[] = {"HOME=/home/user", "USER=user", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};
    struct sock_fprog installed = {.len = the.filter_length, .filter = the.filter};
    if (receive_message(channel, &part, 1, NULL, NULL) == 0)
        _exit(0);
    surroundings();
    send_message(channel, "r", 1, NULL, 0);
    if (receive_message(channel, &part, 1, streams, NULL) == 0)
        _exit(0);
    give_up_rights();
    for (int i = 0; i <= 2; i++)
        check(dup2(streams[i], i), "dup2");
    check(setsid(), "setsid");
    umask(022);
    check(chdir("/home/user"), "/home/user");
    sigemptyset(&none);
    check(sigprocmask(SIG_SETMASK, &none, NULL), "sigprocmask");
    check(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
    check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &installed), "seccomp");
    execve(the.program, arguments, environment);
    die(the.program);
}

/* ---- Init ---- */

static _Noreturn void init(pid_t started)
{
    struct message report = {.pid = started};
    struct signalfd_siginfo info;
    sigset_t child;
    pid_t ended;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    struct pollfd watch[] = {{.fd = check(signalfd(-1, &child, SFD_CLOEXEC), "signalfd"), .events = POLLIN},
                             {.fd = zygote_pidfd, .events = POLLIN},
                             {.fd = the.lifeline[0]}};
    set_capabilities(1U << CAP_KILL);
    do {
        check(poll(watch, 3, -1), "poll");
        if (watch[1].revents != 0 || watch[2].revents != 0)
            _exit(0);
        check(read(watch[0].fd, &info, sizeof info), "signalfd");
        while ((ended = wait4(-1, &report.status, WNOHANG, &report.usage)) > 0 && ended != started)
            ;
    } while (ended != started);
    kill(-1, SIGKILL);
    while (wait4(-1, NULL, 0, NULL) > 0)
        ;
    send_message(the.control[1], &report, sizeof report, NULL, 0);
    _exit(0);
}

/* ---- A container's first process ---- */

static void die_with_zygote(void)
{
    struct pollfd watch = {.fd = zygote_pidfd, .events = POLLIN};
    check(prctl(PR_SET_PDEATHSIG, SIGKILL), "PDEATHSIG");
    if (poll(&watch, 1, 0) != 0)
        _exit(0);
}

static _Noreturn void first_process(int channel)
{
    char go;
    int tasks[MAX_FDS];
    die_with_zygote();
    send_message(channel, "m", 1, NULL, 0);
    if (receive_message(channel, &go, 1, tasks, NULL) == 0)
        _exit(0);
    for (unsigned int i = 0; i < (the.unified ? 0 : the.folder_count); i++) {
        check(write(tasks[i], "0", 1), "tasks");
        close(tasks[i]);
    }
    if (!the.unified)
        check(unshare(CLONE_NEWCGROUP), "unshare");
    check(setgroups(0, NULL), "setgroups");
    check(setresgid(0, 0, 0), "setresgid");
    check(setresuid(0, 0, 0), "setresuid");
    check(syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL), "keyctl");
    check(prctl(PR_SET_DUMPABLE, 0), "dumpable");
    die_with_zygote();
    struct clone_args fork_args = {.exit_signal = SIGCHLD};
    pid_t started = check(syscall(SYS_clone3, &fork_args, sizeof fork_args), "fork");
    if (started == 0) {
        close(the.control[1]);
        close(the.lifeline[0]);
        close(zygote_pidfd);
        command(channel);
    }
    close(channel);
    init(started);
}

/* ---- The zygote ---- */

static void clone_container(int channel, int folder)
{
    struct message reply = {0};
    int pidfd = -1;
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                 CLONE_NEWTIME | CLONE_PIDFD,
        .exit_signal = SIGCHLD,
        .pidfd = (uintptr_t)&pidfd,
    };
    if (the.unified) {
        args.flags |= CLONE_INTO_CGROUP | CLONE_NEWCGROUP;
        args.cgroup = (__u64)folder;
    }
    reply.pid = check(syscall(SYS_clone3, &args, sizeof args), "clone3");
    if (reply.pid == 0)
        first_process(channel);
    send_message(channel, &reply, sizeof reply, &pidfd, 1);
    close(pidfd);
    close(channel);
    if (the.unified)
        close(folder);
}

static _Noreturn void zygote(int requests)
{
    sigset_t child;
    char request;
    int fds[MAX_FDS];
    struct message reaped = {0};
    struct signalfd_siginfo info;
    close(the.control[0]);
    close(the.lifeline[1]);
    check(setsid(), "setsid");
    check(syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL), "keyctl");
    zygote_pidfd = check(syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open");
    zygote_mounts();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    struct pollfd watch[] = {{.fd = requests, .events = POLLIN},
                             {.fd = check(signalfd(-1, &child, SFD_CLOEXEC), "signalfd"), .events = POLLIN}};
    for (;;) {
        check(poll(watch, 2, -1), "poll");
        if (watch[1].revents != 0) {
            check(read(watch[1].fd, &info, sizeof info), "signalfd");
            while ((reaped.pid = wait4(-1, &reaped.status, WNOHANG, &reaped.usage)) > 0)
                send_message(the.control[1], &reaped, sizeof reaped, NULL, 0);
        }
        if (watch[0].revents == 0)
            continue;
        if (receive_message(requests, &request, 1, fds, NULL) == 0)
            _exit(0);
        clone_container(fds[0], fds[1]);
    }
}

int start_zygote(void)
{
    int requests[2];
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    check(sigprocmask(SIG_SETMASK, &all, &before), "sigprocmask");
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests), "socketpair");
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, the.control), "socketpair");
    check(pipe2(the.lifeline, O_CLOEXEC), "pipe");
    if (check(fork(), "fork") == 0) {
        close(requests[0]);
        zygote(requests[1]);
    }
    close(requests[1]);
    close(the.control[1]);
    close(the.lifeline[0]);
    check(sigprocmask(SIG_SETMASK, &before, NULL), "sigprocmask");
    return requests[0];
}
