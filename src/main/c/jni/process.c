// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
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
