// SPDX-License-Identifier: Apache-2.0
#ifndef FLOOR_H
#define FLOOR_H

#define _GNU_SOURCE
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { MAX_FOLDERS = 12, MAX_FDS = 16, MAX_FILTER = 500, HOST_ID = 1870000000, IDS = 65536, USER = 1000 };

/* What all processes know: set before the zygote is forked. */
struct floor {
    const char *program;
    pid_t driver;
    bool unified; /* cgroup v2 */
    unsigned int folder_count;
    const char *folders[MAX_FOLDERS]; /* the hierarchies' names, as a mount wants them */
    int parents[MAX_FOLDERS];         /* the floor's own folder in each */
    struct sock_filter filter[MAX_FILTER];
    unsigned short filter_length;
    int control[2];  /* the driver's end; that of the zygote and of each init, which report through it */
    int lifeline[2]; /* hangs up with the driver */
};
extern struct floor the;

/* An end of the command, or of a container's first process. */
struct message {
    pid_t pid;
    int status;
    struct rusage usage;
};

/* channel.c. Whatever fails ends the process that it fails in. */
_Noreturn void die(const char *what);
int check(long result, const char *what);
int64_t now(void);
void send_message(int socket, const void *data, size_t length, const int *fds, unsigned int count);
ssize_t receive_message(int socket, void *data, size_t length, int *fds, pid_t *sender);

/* cgroups.c, in the driver */
void open_parents(char *list);
void make_cgroup(const char *name);
void read_counters(const char *name);
void remove_cgroup(const char *name);
void remove_folders(void);

/* launch.c, in the driver: nanoseconds to the answer */
int64_t launch_isolated(int requests, const char *name);
int64_t launch_bare(void);

/* container.c: the zygote, and all that it clones */
int start_zygote(void);

/* view.c: mounts */
void zygote_mounts(void);
void surroundings(void);

#endif
