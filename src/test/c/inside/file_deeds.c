// SPDX-License-Identifier: Apache-2.0
/* Deeds that take a path or another argument after the colon, and every call that can make a set-id file. */
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* mode_t is 16 bits in the kernel: what a filter sees above them is dropped by the call. */
#define HIGH_BITS 0x100010000UL
#define SET_UID   (04755UL)
#define SET_GID   (02755UL)

static const char *scratch(void)
{
    const char *chosen = getenv("PROBE_DIR");
    return chosen == NULL ? "/tmp" : chosen;
}

/* A name of its own for each deed, so that none finds another's file. */
static const char *fresh_path(void)
{
    static char path[4096];
    static int count;
    snprintf(path, sizeof path, "%s/probe.%d.%d", scratch(), getpid(), count++);
    return path;
}

static const char *fresh_file(void)
{
    const char *path = fresh_path();
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700);
    if (fd >= 0)
        close(fd);
    return path;
}

static int closed(long fd)
{
    int rc = answer(fd);
    if (fd >= 0)
        close((int)fd);
    return rc;
}

static int fchmod_of(unsigned long mode)
{
    int fd = open(fresh_file(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = answer(syscall(SYS_fchmod, fd, mode));
    close(fd);
    return rc;
}

static int openat2_of(unsigned long mode)
{
    struct open_how how = {.flags = O_CREAT | O_EXCL | O_WRONLY, .mode = mode};
    return closed(syscall(SYS_openat2, AT_FDCWD, fresh_path(), &how, sizeof how));
}

#define CREATE (O_CREAT | O_EXCL | O_WRONLY)
#define SET_ID(name, call) \
    static int name##_setuid(const char *argument) \
    { \
        unsigned long mode = SET_UID; \
        (void)argument; \
        return call; \
    } \
    static int name##_setgid(const char *argument) \
    { \
        unsigned long mode = SET_GID; \
        (void)argument; \
        return call; \
    } \
    static int name##_high(const char *argument) \
    { \
        unsigned long mode = SET_UID | HIGH_BITS; \
        (void)argument; \
        return call; \
    }

SET_ID(fchmod, fchmod_of(mode))
SET_ID(fchmodat, answer(syscall(SYS_fchmodat, AT_FDCWD, fresh_file(), mode)))
SET_ID(fchmodat2, answer(syscall(SYS_fchmodat2, AT_FDCWD, fresh_file(), mode, 0)))
SET_ID(openat, closed(syscall(SYS_openat, AT_FDCWD, fresh_path(), CREATE, mode)))
SET_ID(openat_tmpfile, closed(syscall(SYS_openat, AT_FDCWD, scratch(), O_TMPFILE | O_RDWR, mode)))
SET_ID(openat2, openat2_of(mode & 07777))
SET_ID(mkdirat, answer(syscall(SYS_mkdirat, AT_FDCWD, fresh_path(), mode)))
SET_ID(mknodat, answer(syscall(SYS_mknodat, AT_FDCWD, fresh_path(), S_IFREG | mode, 0)))
SET_ID(mknodat_fifo, answer(syscall(SYS_mknodat, AT_FDCWD, fresh_path(), S_IFIFO | mode, 0)))
SET_ID(mq_open, closed(syscall(SYS_mq_open, "probe", O_CREAT | O_RDWR, mode, NULL)))
#ifdef SYS_chmod
SET_ID(chmod, answer(syscall(SYS_chmod, fresh_file(), mode)))
SET_ID(open, closed(syscall(SYS_open, fresh_path(), CREATE, mode)))
SET_ID(creat, closed(syscall(SYS_creat, fresh_path(), mode)))
SET_ID(mkdir, answer(syscall(SYS_mkdir, fresh_path(), mode)))
SET_ID(mknod, answer(syscall(SYS_mknod, fresh_path(), S_IFREG | mode, 0)))
#endif

/* What ordinary programs do must go on working. */
static int plain_chmod(const char *argument)
{
    (void)argument;
    return answer(syscall(SYS_fchmodat, AT_FDCWD, fresh_file(), 01755UL));
}

static int plain_fifo(const char *argument)
{
    (void)argument;
    return answer(syscall(SYS_mknodat, AT_FDCWD, fresh_path(), S_IFIFO | 0600, 0));
}

/* Without O_CREAT the mode is whatever lies in the register: no reason to refuse. */
static int open_without_creat(const char *argument)
{
    (void)argument;
    return closed(syscall(SYS_openat, AT_FDCWD, fresh_file(), O_RDONLY, SET_UID));
}

static int file_capability(const char *argument)
{
    static const unsigned char cap[20] = {0x01, 0, 0, 0x02, 0xff, 0xff, 0xff, 0xff};
    (void)argument;
    return answer(setxattr(fresh_file(), "security.capability", cap, sizeof cap, 0));
}

static int open_read(const char *path)
{
    return closed(open(path, O_RDONLY | O_CLOEXEC));
}

/* One byte really read: some files open and then refuse. */
static int read_path(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, &byte, 1);
    int rc = n < 0 ? -errno : n == 0 ? -ENODATA : 0;
    close(fd);
    return rc;
}

static int open_write(const char *path)
{
    return closed(open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK));
}

static int create(const char *path)
{
    return closed(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
}

static int make_directory(const char *path)
{
    return answer(mkdir(path, 0700));
}

static int change_directory(const char *path)
{
    return answer(chdir(path));
}

static int remove_path(const char *path)
{
    return answer(unlink(path));
}

static int link_to(const char *path)
{
    return answer(symlink(path, fresh_path()));
}

static int execute(const char *path)
{
    char *const argv[] = {(char *)path, "exit", "0", NULL};
    execv(path, argv);
    return -errno;
}

/* Climbs by ".." from a directory fd far above any root; ok where that shows the named file. */
static int climb(const char *path)
{
    char up[4096] = "";
    for (int i = 0; i < 200; i++)
        strcat(up, "../");
    strcat(up, path[0] == '/' ? path + 1 : path);
    return closed(open(up, O_RDONLY | O_CLOEXEC));
}

static int connect_unix(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    /* "@name" is the abstract one. */
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc =
        answer(connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)));
    close(fd);
    return rc;
}

static int connect_stream(const char *path)
{
    return connect_unix(path, SOCK_STREAM);
}

static int connect_datagram(const char *path)
{
    return connect_unix(path, SOCK_DGRAM);
}

static int shm_find(const char *key)
{
    return answer(shmget((key_t)atoi(key), 1, 0));
}

static int shm_make(const char *key)
{
    return answer(shmget((key_t)atoi(key), 4096, IPC_CREAT | 0666));
}

static int posix_shm_find(const char *name)
{
    return closed(shm_open(name, O_RDWR | O_CLOEXEC, 0));
}

static int mq_find(const char *name)
{
    return closed(syscall(SYS_mq_open, name, O_RDWR, 0, NULL));
}

/* Searches the session keyring for a user key of that description. */
static int key_find(const char *description)
{
    return answer(syscall(SYS_keyctl, 10 /* KEYCTL_SEARCH */, -3, "user", description, 0));
}

static int key_read(const char *serial)
{
    char secret[64];
    return answer(syscall(SYS_keyctl, 11 /* KEYCTL_READ */, atol(serial), secret, sizeof secret));
}

static int kill_pid(const char *pid)
{
    return answer(kill((pid_t)atoi(pid), SIGKILL));
}

#define ROWS(name) \
    {"setuid-" #name, name##_setuid}, {"setgid-" #name, name##_setgid}, \
    { \
        "sethigh-" #name, name##_high \
    }

const struct deed file_deeds[] = {
    ROWS(fchmod),
    ROWS(fchmodat),
    ROWS(fchmodat2),
    ROWS(openat),
    ROWS(openat_tmpfile),
    ROWS(openat2),
    ROWS(mkdirat),
    ROWS(mknodat),
    ROWS(mknodat_fifo),
    ROWS(mq_open),
#ifdef SYS_chmod
    ROWS(chmod),
    ROWS(open),
    ROWS(creat),
    ROWS(mkdir),
    ROWS(mknod),
#endif
    {"chmod-sticky", plain_chmod},
    {"mkfifo", plain_fifo},
    {"open-without-creat", open_without_creat},
    {"file-capability", file_capability},
    {"open", open_read},
    {"read", read_path},
    {"write", open_write},
    {"create", create},
    {"mkdir", make_directory},
    {"chdir", change_directory},
    {"unlink", remove_path},
    {"symlink", link_to},
    {"exec", execute},
    {"climb", climb},
    {"connect", connect_stream},
    {"connect-datagram", connect_datagram},
    {"shm-find", shm_find},
    {"shm-make", shm_make},
    {"posix-shm-find", posix_shm_find},
    {"mq-find", mq_find},
    {"key-find", key_find},
    {"key-read", key_read},
    {"kill", kill_pid},
    {NULL, NULL},
};
