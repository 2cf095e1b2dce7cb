// SPDX-License-Identifier: Apache-2.0
/* Deeds against the host that capabilities, limits and namespaces should refuse, whatever the filter says. */
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int raise_limit(int resource)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return -errno;
    if (limit.rlim_max == RLIM_INFINITY)
        return 0;
    limit.rlim_max++;
    return answer(setrlimit((__rlimit_resource_t)resource, &limit));
}

static int limit_of_init(void)
{
    struct rlimit limit = {64, 64};
    return answer(prlimit(1, RLIMIT_NOFILE, &limit, NULL));
}

static int device_node(mode_t type, unsigned major, unsigned minor)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/node.%d", getpid());
    return answer(mknod(path, type | 0600, makedev(major, minor)));
}

static int all_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    memset(sets, 0xff, sizeof sets);
    return answer(syscall(SYS_capset, &header, sets));
}

static int set_clock(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -errno;
    return answer(syscall(SYS_clock_settime, CLOCK_REALTIME, &now));
}

static int adjust_clock(void)
{
    struct timex change = {.modes = ADJ_OFFSET_SINGLESHOT};
    return answer(adjtimex(&change));
}

static int realtime(void)
{
    struct sched_param most = {1};
    return answer(sched_setscheduler(0, SCHED_FIFO, &most));
}

static int write_value(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = answer(write(fd, value, strlen(value)));
    close(fd);
    return rc;
}

/* Loopback, there and back: a listener of ours, a connection to it. */
static int loopback(int family, unsigned short port)
{
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in older = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr *where = family == AF_INET ? (struct sockaddr *)&older : (struct sockaddr *)&address;
    socklen_t length = family == AF_INET ? sizeof older : sizeof address;
    int server = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || client < 0 || bind(server, where, length) != 0 || listen(server, 1) != 0)
        return -errno;
    if (getsockname(server, where, &length) != 0)
        return -errno;
    return answer(connect(client, where, length));
}

/* An address of the documentation range (RFC 5737): no packet can leave where no route is. */
static int route_out(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0xC0000201)}};
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return -errno;
    return answer(connect(sock, (struct sockaddr *)&address, sizeof address));
}

static int write_own_program(const char *argument)
{
    (void)argument;
    int fd = open("/proc/1/exe", O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : 0;
}

static int map_executable_zero(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return page == MAP_FAILED ? -errno : 0;
}

// clang-format off
#define DEEDS(row)                                                                                                     \
    row(raise_nofile, raise_limit(RLIMIT_NOFILE))                                                                      \
    row(raise_core, raise_limit(RLIMIT_CORE))                                                                          \
    row(limit_of_init, limit_of_init())                                                                                \
    row(mknod_null, device_node(S_IFCHR, 1, 3))                                                                        \
    row(mknod_mem, device_node(S_IFCHR, 1, 1))                                                                         \
    row(mknod_disk, device_node(S_IFBLK, 8, 0))                                                                        \
    row(capset_all, all_capabilities())                                                                                \
    row(setuid_0, answer(syscall(SYS_setresuid, 0, 0, 0)))                                                             \
    row(setgid_0, answer(syscall(SYS_setresgid, 0, 0, 0)))                                                             \
    row(setgroups, answer(syscall(SYS_setgroups, 0UL, NULL)))                                                          \
    row(sethostname, answer(syscall(SYS_sethostname, "probe", 5UL)))                                                   \
    row(clock_settime, set_clock())                                                                                    \
    row(adjtimex, adjust_clock())                                                                                      \
    row(reboot, answer(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL)))                                           \
    row(swapon, answer(syscall(SYS_swapon, "/tmp/none", 0)))                                                           \
    row(acct, answer(syscall(SYS_acct, NULL)))                                                                         \
    row(syslog, answer(syscall(SYS_syslog, 3, NULL, 0)))                                                               \
    row(nice_up, answer(setpriority(PRIO_PROCESS, 0, -20)))                                                            \
    row(realtime, realtime())                                                                                          \
    row(oom_score_down, write_value("/proc/self/oom_score_adj", "-1000"))                                              \
    row(loopback_port_80, loopback(AF_INET, 80))                                                                       \
    row(loopback4, loopback(AF_INET, 0))                                                                               \
    row(loopback6, loopback(AF_INET6, 0))                                                                              \
    row(route_out, route_out())                                                                                        \
    row(kill_all, answer(kill(-1, 0)))                                                                                 \
    row(kill_init, answer(kill(1, SIGKILL)))                                                                           \
    row(new_privs, answer(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)))                                                     \
    row(clear_pdeathsig, answer(prctl(PR_SET_PDEATHSIG, 0)))                                                           \
    row(be_subreaper, answer(prctl(PR_SET_CHILD_SUBREAPER, 1)))                                                        \
    row(map_page_zero, map_executable_zero())                                                                          \
    row(lock_memory, answer(mlockall(MCL_CURRENT | MCL_FUTURE)))

// clang-format on
#define DEFINE(name, call) \
    static int do_##name(const char *argument) \
    { \
        (void)argument; \
        return call; \
    }
#define ROW(name, call) {#name, do_##name},

DEEDS(DEFINE)

const struct deed host_deeds[] = {{"write_init_program", write_own_program}, DEEDS(ROW){NULL, NULL}};

static int waiting_child(void *pipefd)
{
    char byte;
    return read(*(int *)pipefd, &byte, 1) == 1 ? 0 : 1;
}

static int mapped(pid_t child)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/uid_map", child);
    int rc = write_value(path, "0 100000 65536");
    if (rc != 0)
        return rc;
    snprintf(path, sizeof path, "/proc/%d/gid_map", child);
    return write_value(path, "0 100000 65536");
}

static int idmapped_tree(const char *directory, int userns)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned long long)userns};
    int tree = (int)syscall(428, AT_FDCWD, directory, 1 /* OPEN_TREE_CLONE */);
    if (tree < 0)
        return -errno;
    int rc = answer(syscall(442, tree, "", AT_EMPTY_PATH, &attr, sizeof attr));
    close(tree);
    return rc;
}

int idmap_probe(const char *directory)
{
    static char stack[65536] __attribute__((aligned(16)));
    char path[64];
    int pipefd[2];
    if (pipe(pipefd) != 0)
        return -errno;
    pid_t child = clone(waiting_child, stack + sizeof stack, CLONE_NEWUSER | SIGCHLD, pipefd);
    if (child < 0)
        return -errno;
    snprintf(path, sizeof path, "/proc/%d/ns/user", child);
    int rc = mapped(child);
    int userns = open(path, O_RDONLY | O_CLOEXEC);
    if (rc == 0)
        rc = userns < 0 ? -errno : idmapped_tree(directory, userns);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return rc;
}
