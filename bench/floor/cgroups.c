// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct limit {
    const char *folder; /* the hierarchy of v1 */
    const char *file;
    const char *value;
};

static const struct limit v1_limits[] = {
    {"memory", "memory.limit_in_bytes", "1073741824"},
    {"memory", "memory.memsw.limit_in_bytes", "1073741824"},
    {"cpu", "cpu.shares", "256"},
    {"pids", "pids.max", "64"},
    {"blkio", "blkio.bfq.weight", "50"},
};
static const struct limit v2_limits[] = {
    {"", "memory.max", "1073741824"}, {"", "memory.swap.max", "0"}, {"", "cpu.weight", "34"},
    {"", "pids.max", "64"},           {"", "io.bfq.weight", "50"},
};
/* What a result is made of, read before the answer. */
static const struct limit v1_counters[] = {
    {"memory", "memory.oom_control", ""},
    {"memory", "memory.max_usage_in_bytes", ""},
    {"pids", "pids.peak", ""},
    {"cpuacct", "cpuacct.usage", ""},
    {"cpuacct", "cpuacct.stat", ""},
};
static const struct limit v2_counters[] = {
    {"", "memory.events", ""},
    {"", "memory.peak", ""},
    {"", "pids.events", ""},
    {"", "cpu.stat", ""},
};

static char parent_paths[MAX_FOLDERS][128];
static char current[24]; /* the container that there is */

/* Hierarchies of v1 may hold several controllers: "cpu,cpuacct". */
static bool holds(const char *hierarchy, const char *controller)
{
    size_t length = strlen(controller);
    for (const char *at = hierarchy; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, controller, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* -1 where this kernel has no such file: no BFQ, no count of swap. */
static int open_in(const struct limit *limit, const char *name, int flags)
{
    char path[96];
    unsigned int folder = 0;
    while (!the.unified && folder < the.folder_count && !holds(the.folders[folder], limit->folder))
        folder++;
    if (folder == the.folder_count)
        return -1;
    snprintf(path, sizeof path, "%s/%s", name, limit->file);
    int fd = openat(the.parents[folder], path, flags | O_CLOEXEC);
    return fd < 0 && errno == ENOENT ? fd : check(fd, path);
}

void make_cgroup(const char *name)
{
    const struct limit *limits = the.unified ? v2_limits : v1_limits;
    unsigned int count = the.unified ? LENGTH(v2_limits) : LENGTH(v1_limits);
    snprintf(current, sizeof current, "%s", name);
    for (unsigned int i = 0; i < the.folder_count; i++)
        check(mkdirat(the.parents[i], name, 0755), name);
    for (unsigned int i = 0; i < count; i++) {
        int fd = open_in(&limits[i], name, O_WRONLY);
        if (fd < 0)
            continue;
        check(write(fd, limits[i].value, strlen(limits[i].value)), limits[i].file);
        close(fd);
    }
}

void read_counters(const char *name)
{
    char text[4096];
    const struct limit *counters = the.unified ? v2_counters : v1_counters;
    unsigned int count = the.unified ? LENGTH(v2_counters) : LENGTH(v1_counters);
    for (unsigned int i = 0; i < count; i++) {
        int fd = open_in(&counters[i], name, O_RDONLY);
        if (fd < 0)
            continue;
        check(read(fd, text, sizeof text), counters[i].file);
        close(fd);
    }
}

void remove_cgroup(const char *name)
{
    for (unsigned int i = 0; i < the.folder_count; i++)
        check(unlinkat(the.parents[i], name, AT_REMOVEDIR), name);
}

static void open_parent(const char *mounted, const char *hierarchy)
{
    char *path = parent_paths[the.folder_count];
    snprintf(path, sizeof parent_paths[0], "%s/%s/hutch-floor-%d", mounted, hierarchy, getpid());
    check(mkdir(path, 0755), path);
    the.parents[the.folder_count] = check(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
    the.folders[the.folder_count++] = hierarchy;
}

static void enable_controllers(const char *folder)
{
    static const char *const controllers[] = {"+memory", "+cpu", "+pids", "+io"};
    char path[160];
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", folder);
    int fd = check(open(path, O_WRONLY | O_CLOEXEC), path);
    for (unsigned int i = 0; i < LENGTH(controllers); i++)
        check(write(fd, controllers[i], strlen(controllers[i])), controllers[i]);
    close(fd);
}

void open_parents(char *list)
{
    static char names[MAX_FOLDERS][64];
    the.unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    if (the.unified) {
        enable_controllers("/sys/fs/cgroup");
        open_parent("/sys/fs/cgroup", "");
        enable_controllers(parent_paths[0]);
        return;
    }
    for (char *name = strtok(list, ","); name != NULL && the.folder_count < MAX_FOLDERS; name = strtok(NULL, ",")) {
        char path[96];
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s", name);
        ssize_t length = readlink(path, names[the.folder_count], sizeof names[0] - 1);
        if (length < 0)
            snprintf(names[the.folder_count], sizeof names[0], "%s", name);
        open_parent("/sys/fs/cgroup", names[the.folder_count]);
    }
}

void remove_folders(void)
{
    for (unsigned int i = 0; i < the.folder_count; i++) {
        unlinkat(the.parents[i], current, AT_REMOVEDIR);
        rmdir(parent_paths[i]);
    }
}
