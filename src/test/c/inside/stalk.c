// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Lies in wait for processes that join the container. What belongs to whoever made them is a finding, and is told; a
 * program that has come to its own execve is just another inmate. */

static const char *link_of(const char *pid, const char *name)
{
    static char target[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = '\0';
    return n < 0 ? NULL : target;
}

/* Whether it still runs the program of the host's that joining processes begin with; the file has no path inside. */
static int before_execve(const char *pid)
{
    const char *exe = link_of(pid, "exe");
    return exe != NULL && strstr(exe, "hutch-zygote") != NULL;
}

static void look_at_descriptors(const char *pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char name[300];
        snprintf(name, sizeof name, "fd/%s", entry->d_name);
        const char *target = link_of(pid, name);
        if (target != NULL && atoi(entry->d_name) > 2 &&
            (strncmp(target, "socket:", 7) == 0 || strncmp(target, "anon_inode:", 11) == 0 ||
             strncmp(target, "/memfd:", 7) == 0))
            printf("found=descriptor %s, %s\n", entry->d_name, target);
    }
    closedir(folder);
}

/* Opened first and looked at then: what is open stays that of the program that it was opened of. */
static void look_at_file(const char *pid, const char *name, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    int fd = open(path, flags | O_CLOEXEC);
    if (fd >= 0 && before_execve(pid))
        printf("found=%s of a process that joins\n", name);
    if (fd >= 0)
        close(fd);
}

static void trace(const char *pid)
{
    pid_t target = atoi(pid);
    if (ptrace(PTRACE_SEIZE, target, NULL, NULL) != 0)
        return;
    if (before_execve(pid))
        printf("found=traced before its execve\n");
    ptrace(PTRACE_INTERRUPT, target, NULL, NULL);
    if (waitpid(target, NULL, __WALL) == target)
        ptrace(PTRACE_DETACH, target, NULL, NULL);
}

/* Until standard input ends; then, how many were met whose program could not even be read. */
int stalk(const char *argument)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    unsigned long met = 0;
    pid_t own = getpid();
    (void)argument;
    puts("ready");
    fflush(stdout);
    while (poll(&input, 1, 0) == 0) {
        DIR *all = opendir("/proc");
        for (struct dirent *entry = all == NULL ? NULL : readdir(all); entry != NULL; entry = readdir(all)) {
            const char *pid = entry->d_name;
            if (atoi(pid) <= 1 || atoi(pid) == own)
                continue;
            trace(pid);
            look_at_descriptors(pid);
            look_at_file(pid, "mem", O_RDWR);
            look_at_file(pid, "exe", O_WRONLY);
            look_at_file(pid, "root/etc/shadow", O_RDONLY);
            look_at_file(pid, "cwd/.", O_RDONLY);
            look_at_file(pid, "environ", O_RDONLY);
            look_at_file(pid, "maps", O_RDONLY);
            met += link_of(pid, "exe") == NULL && errno == EACCES;
        }
        if (all != NULL)
            closedir(all);
    }
    printf("met=%lu\n", met);
    return 0;
}
