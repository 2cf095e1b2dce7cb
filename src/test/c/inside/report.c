// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *const limit_names[] = {"CPU",      "FSIZE",  "DATA",    "STACK", "CORE",  "RSS",
                                          "NPROC",    "NOFILE", "MEMLOCK", "AS",    "LOCKS", "SIGPENDING",
                                          "MSGQUEUE", "NICE",   "RTPRIO",  "RTTIME"};

static const char *const namespaces[] = {
    "mnt", "pid", "net", "ipc", "uts", "user", "cgroup", "time", "pid_for_children", "time_for_children"};

/* Each line of a file as KEY.N=line; where it can't be opened, KEY.errno. */
static void lines_of(const char *key, const char *path)
{
    char line[8192];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        printf("%s.errno=%s\n", key, strerrorname_np(errno));
        return;
    }
    for (int i = 0; fgets(line, sizeof line, file) != NULL; i++) {
        line[strcspn(line, "\n")] = '\0';
        printf("%s.%d=%s\n", key, i, line);
    }
    fclose(file);
}

static void process(void)
{
    char cwd[4096];
    mode_t mask = umask(0);
    umask(mask);
    printf("pid=%d\nppid=%d\nsid=%d\npgid=%d\n", getpid(), getppid(), getsid(0), getpgid(0));
    printf("cwd=%s\n", getcwd(cwd, sizeof cwd) == NULL ? strerrorname_np(errno) : cwd);
    printf("umask=%o\n", (unsigned)mask);
    printf("securebits=%#x\n", (unsigned)prctl(PR_GET_SECUREBITS));
    printf("dumpable=%d\n", prctl(PR_GET_DUMPABLE));
    printf("nice=%d\n", getpriority(PRIO_PROCESS, 0));
    long keyring = syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* session */, 0);
    printf("keyring=%ld\nkeyring.errno=%s\n", keyring, keyring < 0 ? strerrorname_np(errno) : "0");
}

/* /proc/self/status as status.FIELD=value, blanks made single. */
static void status(void)
{
    char line[4096];
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL) {
        printf("status.errno=%s\n", strerrorname_np(errno));
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = line, *word = strsep(&rest, ":");
        if (rest == NULL)
            continue;
        printf("status.%s=", word);
        const char *blank = "";
        for (word = strtok(rest, " \t\n"); word != NULL; word = strtok(NULL, " \t\n"), blank = " ")
            printf("%s%s", blank, word);
        putchar('\n');
    }
    fclose(file);
}

static void namespace_inodes(void)
{
    char path[64], target[64];
    for (size_t i = 0; i < COUNT(namespaces); i++) {
        snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i]);
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        printf("ns.%s=%s\n", namespaces[i], n < 0 ? strerrorname_np(errno) : target);
    }
}

/* Asked of the kernel descriptor by descriptor: /proc may be missing or lie. */
static void descriptors(void)
{
    char path[64], target[4096];
    struct stat st;
    for (int fd = 0; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        printf("fd.%d=%s\n", fd, n < 0 ? strerrorname_np(errno) : target);
        if (fstat(fd, &st) == 0)
            printf("fd.%d.owner=%u:%u\n", fd, st.st_uid, st.st_gid);
    }
}

static void limits(void)
{
    for (int i = 0; i < (int)COUNT(limit_names); i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
            printf("rlimit.%s=%lld %lld\n", limit_names[i], (long long)limit.rlim_cur, (long long)limit.rlim_max);
    }
}

static void signals(void)
{
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            printf("signal.%d=%s\n", signal, action.sa_handler == SIG_IGN ? "ignored" : "handled");
    }
}

static void clocks(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == 0)
        printf("clock.monotonic=%lld\n", (long long)now.tv_sec);
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0)
        printf("clock.boottime=%lld\n", (long long)now.tv_sec);
}

static void interfaces(void)
{
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *list = if_nameindex();
    if (sock < 0 || list == NULL) {
        printf("if.errno=%s\n", strerrorname_np(errno));
        return;
    }
    for (struct if_nameindex *entry = list; entry->if_index != 0; entry++) {
        struct ifreq request = {0};
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", entry->if_name);
        if (ioctl(sock, SIOCGIFFLAGS, &request) == 0)
            printf("if.%s=%s\n", entry->if_name, (request.ifr_flags & IFF_UP) ? "up" : "down");
    }
    if_freenameindex(list);
    close(sock);
}

static void processes(void)
{
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;)
        if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name)) {
            char key[300], path[300];
            snprintf(key, sizeof key, "process.%s", entry->d_name);
            snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
            lines_of(key, path);
        }
    closedir(proc);
}

void report(void)
{
    struct utsname names;
    descriptors();
    process();
    status();
    namespace_inodes();
    limits();
    signals();
    clocks();
    interfaces();
    processes();
    if (uname(&names) == 0)
        printf("hostname=%s\ndomain=%s\n", names.nodename, names.domainname);
    for (int i = 0; environ[i] != NULL; i++)
        printf("env.%.*s=%s\n", (int)strcspn(environ[i], "="), environ[i],
               strchr(environ[i], '=') == NULL ? "" : strchr(environ[i], '=') + 1);
    lines_of("mount", "/proc/self/mountinfo");
    lines_of("cgroup", "/proc/self/cgroup");
    lines_of("uid_map", "/proc/self/uid_map");
    lines_of("gid_map", "/proc/self/gid_map");
    lines_of("setgroups", "/proc/self/setgroups");
    lines_of("uptime", "/proc/uptime");
    lines_of("oom_score_adj", "/proc/self/oom_score_adj");
    lines_of("ping_group_range", "/proc/sys/net/ipv4/ping_group_range");
    lines_of("unprivileged_port_start", "/proc/sys/net/ipv4/ip_unprivileged_port_start");
}
