// SPDX-License-Identifier: Apache-2.0
/* Tries what a program without namespaces might do to whoever runs it: fenced DEED TARGET [DEED TARGET]...
 * Prints a line for each: the deed, and "ok" or the error's name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int closed(int fd)
{
    return fd < 0 ? -1 : close(fd);
}

static int of_process(const char *pid, const char *file, int flags)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
    return closed(open(path, flags));
}

/* To a process that has nothing to do with the descriptor: SIGIO, or any signal in its place. */
static int signal_by_owner(pid_t pid)
{
    int pair[2];
    if (pipe(pair) != 0 || fcntl(pair[0], F_SETOWN, pid) != 0 || fcntl(pair[0], F_SETSIG, SIGKILL) != 0)
        return -1;
    return fcntl(pair[0], F_SETFL, O_ASYNC) != 0 || write(pair[1], "", 1) != 1 ? -1 : 0;
}

static int queue(pid_t pid)
{
    union sigval nothing = {0};
    return sigqueue(pid, SIGKILL, nothing);
}

static int by_pidfd(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -1 : (int)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
}

static int limit(pid_t pid)
{
    const struct rlimit none = {0, 0};
    return (int)syscall(SYS_prlimit64, pid, RLIMIT_CPU, &none, NULL);
}

static int tcp(int port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}

static socklen_t unix_address(struct sockaddr_un *to, const char *name)
{
    to->sun_family = AF_UNIX;
    snprintf(to->sun_path, sizeof to->sun_path, "%s", name);
    if (name[0] == '@')
        to->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@'));
}

static int unix_connect(const char *name)
{
    struct sockaddr_un to = {0};
    socklen_t length = unix_address(&to, name);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, length);
}

/* One end of a pair of datagram sockets may send to any address. */
static int unix_send(const char *name)
{
    struct sockaddr_un to = {0};
    socklen_t length = unix_address(&to, name);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return -1;
    return sendto(pair[0], "x", 1, 0, (struct sockaddr *)&to, length) < 0 ? -1 : 0;
}

static int truncated(const char *path)
{
    return closed(open(path, O_RDONLY | O_TRUNC));
}

/* Ends up without a parent, in a session of its own, deaf to all that can be ignored; its name tells the test who it is. */
static int daemonize(const char *name)
{
    int ready[2];
    char byte;
    if (pipe(ready) != 0)
        return -1;
    if (fork() != 0)
        return read(ready[0], &byte, 1) == 1 ? 0 : -1;
    setsid();
    if (fork() != 0)
        _exit(0);
    for (int signal = 1; signal < 65; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    prctl(PR_SET_NAME, name);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (write(ready[1], "", 1) == 1 && fork() == 0)
        for (;;)
            pause();
    for (;;)
        pause();
}

/* Never the same process for long. */
static int run_away(const char *name)
{
    if (fork() != 0)
        return 0;
    prctl(PR_SET_NAME, name);
    setsid();
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    for (;;)
        if (fork() > 0)
            _exit(0);
}

static int abort_in_child(void)
{
    if (fork() == 0)
        abort();
    return 0;
}

static int try(const char *deed, const char *target)
{
    int number = atoi(target);
    struct stat status;
    if (strcmp(deed, "read") == 0) return closed(open(target, O_RDONLY));
    if (strcmp(deed, "write") == 0) return closed(open(target, O_WRONLY));
    if (strcmp(deed, "create") == 0) return closed(open(target, O_WRONLY | O_CREAT | O_EXCL, 0600));
    if (strcmp(deed, "list") == 0) return closed(open(target, O_RDONLY | O_DIRECTORY));
    if (strcmp(deed, "remove") == 0) return unlink(target);
    if (strcmp(deed, "mkdir") == 0) return mkdir(target, 0700);
    if (strcmp(deed, "rename-out") == 0) return rename("fetched", target);
    if (strcmp(deed, "link-in") == 0) return link(target, "linked");
    if (strcmp(deed, "truncate") == 0) return truncate(target, 0);
    if (strcmp(deed, "truncate-open") == 0) return truncated(target);
    if (strcmp(deed, "stat") == 0) return stat(target, &status);
    if (strcmp(deed, "kill") == 0) return kill(number, SIGKILL);
    if (strcmp(deed, "kill-all") == 0) return kill(-1, SIGKILL);
    if (strcmp(deed, "kill-group") == 0) return kill(-number, SIGKILL);
    if (strcmp(deed, "tgkill") == 0) return (int)syscall(SYS_tgkill, number, number, SIGKILL);
    if (strcmp(deed, "tkill") == 0) return (int)syscall(SYS_tkill, number, SIGKILL);
    if (strcmp(deed, "sigqueue") == 0) return queue(number);
    if (strcmp(deed, "pidfd") == 0) return by_pidfd(number);
    if (strcmp(deed, "sigio") == 0) return signal_by_owner(number);
    if (strcmp(deed, "prlimit") == 0) return limit(number);
    if (strcmp(deed, "nice") == 0) return setpriority(PRIO_PROCESS, (id_t)number, 19);
    if (strcmp(deed, "ptrace") == 0) return (int)ptrace(PTRACE_SEIZE, number, NULL, NULL);
    if (strcmp(deed, "mem") == 0) return of_process(target, "mem", O_RDWR);
    if (strcmp(deed, "mem-read") == 0) return of_process(target, "mem", O_RDONLY);
    if (strcmp(deed, "environ") == 0) return of_process(target, "environ", O_RDONLY);
    if (strcmp(deed, "fd") == 0) return of_process(target, "fd/0", O_RDONLY);
    if (strcmp(deed, "tcp") == 0) return tcp(number);
    if (strcmp(deed, "unix") == 0) return unix_connect(target);
    if (strcmp(deed, "unix-send") == 0) return unix_send(target);
    if (strcmp(deed, "shm") == 0) return shmget(number, 4096, IPC_CREAT | 0600);
    if (strcmp(deed, "shm-open") == 0) return closed(shm_open(target, O_RDWR | O_CREAT, 0600));
    if (strcmp(deed, "daemon") == 0) return daemonize(target);
    if (strcmp(deed, "run-away") == 0) return run_away(target);
    if (strcmp(deed, "abort-child") == 0) return abort_in_child();
    if (strcmp(deed, "abort") == 0) abort();
    fprintf(stderr, "no such deed: %s\n", deed);
    exit(2);
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        errno = 0;
        int rc = try(argv[i], argv[i + 1]);
        printf("%s %s\n", argv[i], rc >= 0 ? "ok" : strerrorname_np(errno));
        fflush(stdout);
    }
    return 0;
}
