// SPDX-License-Identifier: Apache-2.0
/*
 * The floor of a cold launch: a C program that takes the steps of Hutch's, in the same order, with the same isolation,
 * and with nothing that costs time beside them: no plan, no checks of hostile input, no JVM.
 *
 * Three processes, as there. The driver (Hutch: the JVM) makes the cgroup, writes id maps and rlimits, takes the report,
 * removes the cgroup. The zygote is forked once, owns a small mount namespace, clones and reaps. A container's first
 * process joins the cgroups and becomes init; the command builds the root, gives its rights away and calls execve.
 *
 *   floor [options] COUNT    prints the nanoseconds from the launch's begin to its answer, one launch a line
 *   floor [options] -        reads lines of "COUNT IDLE_MILLIS", prints COUNT such lines and "= NANOSECONDS" of the whole
 *
 *   --program PATH      what is started (/usr/bin/true); it must lie under /usr
 *   --idle-ms N         begin a launch every N milliseconds, not back to back
 *   --no-isolation      posix_spawn and waitpid alone: the floor of any process
 *   --cgroups LIST      hierarchies of cgroup v1 (memory,cpu,pids,blkio); v2 has one
 *   --filter N          instructions of the seccomp filter
 */
#include "floor.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct floor the = {.program = "/usr/bin/true"};
static bool isolated = true;

/* ---- A filter of the size and shape of the default profile's ---- */

/* A binary search over the system calls, as BpfCompiler makes it: (nodes) comparisons, a verdict at each leaf. */
static void search(unsigned int nodes, uint32_t low, uint32_t high)
{
    if (nodes == 0) {
        uint32_t verdict = low > 420 && the.filter_length % 4 == 0 ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;
        the.filter[the.filter_length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict);
        return;
    }
    uint32_t middle = low + (high - low) / 2;
    unsigned int left = (nodes - 1) / 2;
    unsigned int over = 2 * left + 1;
    the.filter[the.filter_length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, middle, (uint8_t)over, 0);
    search(left, low, middle);
    search(nodes - 1 - left, middle, high);
}

static void make_filter(unsigned int length)
{
#if defined(__x86_64__)
    const uint32_t architecture = AUDIT_ARCH_X86_64;
#else
    const uint32_t architecture = AUDIT_ARCH_AARCH64;
#endif
    const struct sock_filter head[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    memcpy(the.filter, head, sizeof head);
    the.filter_length = LENGTH(head);
    search((length - the.filter_length - 1) / 2, 0, 470);
}

/* ---- Runs ---- */

static void wait_until(int64_t time)
{
    struct timespec until = {.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

/* The whole time of the launches, waiting left out. */
static int64_t run(int requests, long count, long idle_millis)
{
    static unsigned long number;
    int64_t tick = now();
    int64_t busy = 0;
    for (long i = 0; i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "%lu", number++);
        tick += idle_millis * 1000000;
        if (idle_millis > 0)
            wait_until(tick);
        int64_t begin = now();
        printf("%lld\n", (long long)(isolated ? launch_isolated(requests, name) : launch_bare()));
        busy += now() - begin;
    }
    return busy;
}

static void serve(int requests)
{
    char line[64];
    long count;
    long idle_millis;
    while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "%ld %ld", &count, &idle_millis) == 2) {
        int64_t busy = run(requests, count, idle_millis);
        printf("= %lld\n", (long long)busy);
        fflush(stdout);
    }
}

static _Noreturn void usage(void)
{
    fputs("usage: floor [--program PATH] [--idle-ms N] [--no-isolation] [--cgroups LIST] [--filter N] COUNT|-\n",
          stderr);
    exit(2);
}

static const char *value(char ***argument)
{
    if (*++*argument == NULL)
        usage();
    return **argument;
}

int main(int argc, char **argv)
{
    char list[128] = "memory,cpu,pids,blkio";
    long idle_millis = 0;
    unsigned int instructions = 340;
    int requests = -1;
    char **argument = argv + (argc > 0);
    for (; *argument != NULL && strncmp(*argument, "--", 2) == 0; argument++) {
        if (strcmp(*argument, "--no-isolation") == 0)
            isolated = false;
        else if (strcmp(*argument, "--program") == 0)
            the.program = value(&argument);
        else if (strcmp(*argument, "--idle-ms") == 0)
            idle_millis = strtol(value(&argument), NULL, 10);
        else if (strcmp(*argument, "--filter") == 0)
            instructions = (unsigned int)strtoul(value(&argument), NULL, 10);
        else if (strcmp(*argument, "--cgroups") == 0)
            snprintf(list, sizeof list, "%s", value(&argument));
        else
            usage();
    }
    if (*argument == NULL || instructions < 5 || instructions > MAX_FILTER)
        usage();
    the.driver = getpid();
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    if (isolated) {
        make_filter(instructions);
        open_parents(list);
        requests = start_zygote();
    }
    if (strcmp(*argument, "-") == 0)
        serve(requests);
    else
        run(requests, strtol(*argument, NULL, 10), idle_millis);
    remove_folders();
    return 0;
}
