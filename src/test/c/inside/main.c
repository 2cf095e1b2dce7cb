// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int answer(long rc)
{
    return rc < 0 ? -errno : 0;
}

static const char *errno_name(int number)
{
    const char *name = strerrorname_np(number);
    return name == NULL ? "unknown" : name;
}

static const struct deed *find(const struct deed *table, const char *name, size_t length)
{
    for (; table->name != NULL; table++)
        if (strlen(table->name) == length && strncmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static const struct deed *lookup(const char *name)
{
    size_t length = strcspn(name, ":");
    const struct deed *found = find(file_deeds, name, length);
    if (found == NULL)
        found = find(call_deeds, name, length);
    return found == NULL ? find(host_deeds, name, length) : found;
}

/* The deeds would be done for real by root outside a sandbox: umount of /proc, for one. */
static int harmless_here(void)
{
    char user[64] = "", pid[64] = "";
    if (readlink("/proc/self/ns/user", user, sizeof user - 1) < 0 ||
        readlink("/proc/self/ns/pid", pid, sizeof pid - 1) < 0)
        return 1;
    return geteuid() != 0 || strcmp(user, "user:[4026531837]") != 0 || strcmp(pid, "pid:[4026531836]") != 0;
}

/* A child each, since a filter may kill and since some deeds would change the next one's ground. The answer comes by a
 * pipe: exit codes are too small for every errno. */
static void attempt(const char *name)
{
    const struct deed *deed = lookup(name);
    const char *colon = strchr(name, ':');
    int pipefd[2], rc = 0, status = 0;
    if (deed == NULL) {
        printf("%s=no-such-deed\n", name);
        return;
    }
    if (pipe(pipefd) != 0) {
        printf("%s=pipe:%s\n", name, errno_name(errno));
        return;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        printf("%s=fork:%s\n", name, errno_name(errno));
        return;
    }
    if (child == 0) {
        rc = deed->run(colon == NULL ? "" : colon + 1);
        _exit(write(pipefd[1], &rc, sizeof rc) == (ssize_t)sizeof rc ? 0 : 1);
    }
    close(pipefd[1]);
    ssize_t n = read(pipefd[0], &rc, sizeof rc);
    close(pipefd[0]);
    waitpid(child, &status, 0);
    if (n == (ssize_t)sizeof rc)
        printf("%s=%s\n", name, rc == 0 ? "ok" : errno_name(-rc));
    else if (WIFSIGNALED(status))
        printf("%s=SIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
    else
        printf("%s=lost\n", name);
}

static void attempt_table(const struct deed *table)
{
    for (; table->name != NULL; table++)
        attempt(table->name);
}

static int run_hog(const char *name, const char *argument)
{
    for (const struct hog *hog = hogs; hog->name != NULL; hog++)
        if (strcmp(hog->name, name) == 0)
            return hog->run(argument);
    fprintf(stderr, "inside: '%s' is neither 'report', 'try', 'idmap' nor a hog\n", name);
    return 99;
}

/* inside report | try DEED… | try-all-calls | idmap DIRECTORY | HOG [ARGUMENT] */
int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "report";
    if (strncmp(verb, "try", 3) == 0 && !harmless_here()) {
        fputs("inside: deeds are for sandboxes; this is root on the host\n", stderr);
        return 97;
    }
    if (strcmp(verb, "report") == 0) {
        report();
    } else if (strcmp(verb, "try") == 0) {
        for (int i = 2; i < argc; i++)
            attempt(argv[i]);
    } else if (strcmp(verb, "try-all-calls") == 0) {
        attempt_table(call_deeds);
    } else if (strcmp(verb, "idmap") == 0 && argc > 2) {
        int rc = idmap_probe(argv[2]);
        printf("idmap=%s\n", rc == 0 ? "ok" : errno_name(-rc));
    } else {
        return run_hog(verb, argc > 2 ? argv[2] : "");
    }
    return fflush(stdout) == 0 ? 0 : 98;
}
