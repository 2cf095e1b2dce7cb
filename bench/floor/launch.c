// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_map(pid_t pid, const char *file)
{
    char path[64];
    char map[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int length = snprintf(map, sizeof map, "0 %d %d\n", HOST_ID, IDS);
    int fd = check(open(path, O_WRONLY | O_CLOEXEC), path);
    check(write(fd, map, (size_t)length), path);
    close(fd);
}

static void send_go(int channel, const char *name)
{
    int tasks[MAX_FDS];
    unsigned int count = 0;
    for (; !the.unified && count < the.folder_count; count++) {
        char path[64];
        snprintf(path, sizeof path, "%s/tasks", name);
        tasks[count] = check(openat(the.parents[count], path, O_WRONLY | O_CLOEXEC), path);
    }
    send_message(channel, "g", 1, tasks, count);
    while (count > 0)
        close(tasks[--count]);
}

/* The standard streams: the null device and two pipes, which belong to the user inside. */
static void open_streams(int streams[3], int ends[2])
{
    streams[0] = check(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");
    for (int i = 0; i < 2; i++) {
        int pair[2];
        check(pipe2(pair, O_CLOEXEC), "pipe");
        check(fchown(pair[1], HOST_ID + USER, HOST_ID + USER), "fchown");
        ends[i] = pair[0];
        streams[i + 1] = pair[1];
    }
}

static void limit_command(pid_t pid)
{
    struct rlimit files = {1024, 1024};
    struct rlimit core = {0, 0};
    close(check(syscall(SYS_pidfd_open, pid, 0), "pidfd_open"));
    check(prlimit(pid, RLIMIT_NOFILE, &files, NULL), "prlimit");
    check(prlimit(pid, RLIMIT_CORE, &core, NULL), "prlimit");
}

static int request_clone(int requests, const char *name)
{
    int one = 1;
    int pair[2];
    int sent[2];
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "socketpair");
    check(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one), "SO_PASSCRED");
    sent[0] = pair[1];
    sent[1] = the.unified ? check(openat(the.parents[0], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), name) : -1;
    send_message(requests, "c", 1, sent, the.unified ? 2 : 1);
    close(sent[0]);
    if (the.unified)
        close(sent[1]);
    return pair[0];
}

/* The child's word that it needs maps may come before or after the zygote's answer, which carries the pid. */
static pid_t await_clone(int channel)
{
    struct message cloned;
    int pidfd[MAX_FDS];
    while (receive_message(channel, &cloned, sizeof cloned, pidfd, NULL) != sizeof cloned)
        ;
    close(pidfd[0]);
    return cloned.pid;
}

static pid_t await_ready(int channel)
{
    char word = 0;
    pid_t pid = 0;
    while (word != 'r')
        if (receive_message(channel, &word, 1, NULL, &pid) == 0)
            die("the command ended before it was ready");
    return pid;
}

/* From the clone request to execve, which shows as the channel's end of file. */
static void start(int requests, const char *name, const int streams[3])
{
    char rest;
    int channel = request_clone(requests, name);
    pid_t pid = await_clone(channel);
    write_map(pid, "uid_map");
    write_map(pid, "gid_map");
    send_go(channel, name);
    send_message(channel, "1", 1, NULL, 0);
    limit_command(await_ready(channel));
    send_message(channel, "2", 1, streams, 3);
    check(receive_message(channel, &rest, 1, NULL, NULL), "execve");
    close(channel);
    for (int i = 0; i < 3; i++)
        close(streams[i]);
}

static void drain(int fd)
{
    char text[4096];
    while (check(read(fd, text, sizeof text), "output") > 0)
        ;
    close(fd);
}

/* One container, from nothing to nothing. The answer's time is taken before the clean-up, as Hutch answers before it. */
int64_t launch_isolated(int requests, const char *name)
{
    int streams[3];
    int outputs[2];
    struct message report;
    struct message reaped;
    int64_t begin = now();
    make_cgroup(name);
    open_streams(streams, outputs);
    start(requests, name, streams);
    if (receive_message(the.control[0], &report, sizeof report, NULL, NULL) == 0)
        die("the zygote ended");
    drain(outputs[0]);
    drain(outputs[1]);
    read_counters(name);
    int64_t answered = now() - begin;
    if (!WIFEXITED(report.status) || WEXITSTATUS(report.status) != 0)
        die("the program failed, not by errno");
    check(receive_message(the.control[0], &reaped, sizeof reaped, NULL, NULL), "zygote");
    remove_cgroup(name);
    return answered;
}

int64_t launch_bare(void)
{
    int status;
    pid_t pid;
    char *const arguments[] = {(char *)(uintptr_t)the.program, NULL};
    char *const environment[] = {NULL};
    int64_t begin = now();
    errno = posix_spawn(&pid, the.program, NULL, NULL, arguments, environment);
    if (errno != 0 || waitpid(pid, &status, 0) != pid || status != 0)
        die(the.program);
    return now() - begin;
}
