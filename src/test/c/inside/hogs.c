// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Forks till the kernel says no, each child the same; the first process tells how many of its own forks worked. */
static int forkbomb(const char *argument)
{
    int forks = 0;
    (void)argument;
    for (;;) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0)
            for (;;)
                if (fork() < 0)
                    pause();
        forks++;
    }
    printf("forks=%d\nerrno=%s\n", forks, strerrorname_np(errno));
    fflush(stdout);
    return 3;
}

static int memhog(const char *argument)
{
    size_t wanted = strtoull(argument, NULL, 10), step = 1 << 20;
    for (size_t have = 0; have < wanted; have += step) {
        void *page = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) {
            printf("bytes=%zu\nerrno=%s\n", have, strerrorname_np(errno));
            return 4;
        }
        memset(page, 1, step);
    }
    puts("memory=held");
    return 0;
}

/* The same in a child: the main program goes on after the OOM killer took the child. */
static int memhog_child(const char *argument)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(memhog(argument));
    waitpid(child, &status, 0);
    printf("child=%s\n", WIFSIGNALED(status) ? "killed" : "exited");
    return 0;
}

/* Opens till the kernel says no: the number of descriptors, and why it ended. */
static int fdhog(const char *argument)
{
    int opened = 0;
    (void)argument;
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
        opened++;
    printf("opened=%d\nerrno=%s\n", opened, strerrorname_np(errno));
    return 0;
}

static int cpuhog(const char *argument)
{
    (void)argument;
    for (volatile unsigned long spin = 0;; spin++)
        ;
    return 0;
}

/* Writes that many bytes to standard output; without a number, for ever. */
static int flood(const char *argument)
{
    static char block[65536];
    unsigned long long left = *argument == '\0' ? ~0ULL : strtoull(argument, NULL, 10);
    memset(block, 'x', sizeof block);
    while (left > 0) {
        ssize_t n = write(STDOUT_FILENO, block, left < sizeof block ? (size_t)left : sizeof block);
        if (n < 0)
            return errno == EPIPE ? 5 : 6;
        left -= (unsigned long long)n;
    }
    return 0;
}

/* Blocks and ignores whatever can be, clears the parent-death signal, says so, and waits for ever. */
_Noreturn static int ignore_signals(const char *argument)
{
    sigset_t all;
    (void)argument;
    for (int number = 1; number < 65; number++)
        signal(number, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    prctl(PR_SET_PDEATHSIG, 0);
    puts("ignoring=all");
    fflush(stdout);
    for (;;)
        pause();
}

/* Ends at once and leaves a grandchild in a session of its own that holds standard output and ignores signals. */
static int daemonize(const char *argument)
{
    (void)argument;
    pid_t child = fork();
    if (child < 0)
        return 7;
    if (child > 0) {
        int status;
        waitpid(child, &status, 0);
        puts("daemon=left");
        return 0;
    }
    if (setsid() < 0 || fork() > 0)
        _exit(0);
    ignore_signals("");
}

static int is_zombie(const char *pid)
{
    char path[300], line[512];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *stat = fopen(path, "re");
    if (stat == NULL)
        return 0;
    int zombie = fgets(line, sizeof line, stat) != NULL && strstr(line, ") Z ") != NULL;
    fclose(stat);
    return zombie;
}

/* Leaves N orphans that end at once, then counts zombies till there are none or a second has gone: an init that reaps
 * leaves none. */
static int zombies(const char *argument)
{
    int wanted = *argument == '\0' ? 20 : atoi(argument), status, count = 0;
    for (int i = 0; i < wanted; i++) {
        pid_t child = fork();
        if (child < 0)
            return 8;
        if (child == 0)
            _exit(fork() < 0);
        waitpid(child, &status, 0);
    }
    for (int round = 0; round == 0 || (count > 0 && round < 100); round++) {
        DIR *proc = opendir("/proc");
        count = 0;
        for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;)
            count += is_zombie(entry->d_name);
        if (proc != NULL)
            closedir(proc);
        usleep(10000);
    }
    printf("zombies=%d\n", count);
    return 0;
}

/* Makes empty files in a folder till the kernel says no. */
static int inodes(const char *argument)
{
    char path[300];
    for (int i = 0;; i++) {
        snprintf(path, sizeof path, "%s/inode-%d", argument, i);
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0) {
            printf("inodes=%d\nerrno=%s\n", i, strerrorname_np(errno));
            return 10;
        }
        close(fd);
    }
}

/* A secret in the caller's user session keyring: prints its serial. Done on the host, undone by drop-key. */
static int hold_key(const char *name)
{
    long serial = syscall(SYS_add_key, "user", name, "secret", 6UL, -5);
    printf("%ld\n", serial);
    return serial < 0;
}

static int drop_key(const char *serial)
{
    return syscall(SYS_keyctl, 9 /* KEYCTL_UNLINK */, atol(serial), -5, 0, 0) != 0;
}

static int exit_with(const char *argument)
{
    return atoi(argument);
}

static int die_of(const char *argument)
{
    int number = atoi(argument);
    signal(number, SIG_DFL);
    raise(number);
    return 9;
}

/* Says so, then waits for ever with every signal at its default. */
_Noreturn static int wait_for_ever(const char *argument)
{
    (void)argument;
    puts("waiting=yes");
    fflush(stdout);
    for (;;)
        pause();
}

/* Answers each signal that can be caught with a line, till SIGQUIT. */
static void tell(int number)
{
    char line[] = "signal=00\n";
    line[7] = (char)('0' + number / 10);
    line[8] = (char)('0' + number % 10);
    if (write(STDOUT_FILENO, line, sizeof line - 1) < 0 || number == SIGQUIT)
        _exit(0);
}

static int tell_signals(const char *argument)
{
    for (int number = 1; number < 32; number++)
        signal(number, tell);
    wait_for_ever(argument);
}

const struct hog hogs[] = {
    {"forkbomb", forkbomb},
    {"memhog", memhog},
    {"memhog-child", memhog_child},
    {"fdhog", fdhog},
    {"cpuhog", cpuhog},
    {"flood", flood},
    {"ignore-signals", ignore_signals},
    {"daemonize", daemonize},
    {"zombies", zombies},
    {"inodes", inodes},
    {"hold-key", hold_key},
    {"drop-key", drop_key},
    {"exit", exit_with},
    {"die", die_of},
    {"wait", wait_for_ever},
    {"tell-signals", tell_signals},
    {"stalk", stalk},
    {NULL, NULL},
};
