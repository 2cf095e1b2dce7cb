// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "glue.h"

enum { CONTROL_FD = 3, LIFELINE_FD = 4 };

static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int control, int lifeline)
{
    sigset_t all;
    sigfillset(&all);
    int rc = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
    for (int fd = 1; rc == 0 && fd <= 2; fd++)
        rc = posix_spawn_file_actions_adddup2(actions, 0, fd);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(actions, control, CONTROL_FD);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(actions, lifeline, LIFELINE_FD);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return rc;
}

/* The two descriptors must be above 4, so that neither dup2 overwrites the other's source. */
NATIVE(spawn0, jint executable, jint control, jint lifeline)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char path[32];
    char *arguments[] = {(char[]){"hutch-zygote"}, NULL}, *environment[] = {NULL};
    pid_t pid = -1;
    if (control <= LIFELINE_FD || lifeline <= LIFELINE_FD)
        return -EINVAL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", executable);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return -rc;
    rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
        rc = prepare(&actions, &attributes, control, lifeline);
        if (rc == 0)
            rc = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return rc != 0 ? -rc : pid;
}

NATIVE(waitPid0, jint pid, jintArray status)
{
    int value;
    if (TEMP_FAILURE_RETRY(waitpid(pid, &value, 0)) < 0)
        return -errno;
    (*env)->SetIntArrayRegion(env, status, 0, 1, &value);
    return 0;
}

NATIVE(pidfdOpen0, jint pid)
{
    return result(sys_pidfd_open(pid));
}

NATIVE(pidfdSendSignal0, jint pidfd, jint signal)
{
    return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

/* By number: the C library's symbol differs between libcs. */
NATIVE(prlimit0, jint pid, jint resource, jlong soft, jlong hard)
{
    uint64_t limit[2] = {(uint64_t)soft, (uint64_t)hard};
    return result(syscall(SYS_prlimit64, pid, resource, limit, NULL));
}

/* Landlock's version, its ABI; ENOSYS and EOPNOTSUPP where the kernel has none. landlock_create_ruleset(2). */
NATIVE(landlockVersion0)
{
    return result(syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */));
}
