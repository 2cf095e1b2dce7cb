// SPDX-License-Identifier: Apache-2.0
/* The probe: runs as the command inside a sandbox and tells what it sees, or does one deed and tells what the kernel
 * answered. Static, so that it runs in any root. Output is lines of key=value. */
#ifndef INSIDE_H
#define INSIDE_H

#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A deed: 0 when the kernel let it happen, else the negative errno. The argument follows a colon in the deed's name
 * (`write:/proc/sysrq-trigger`) and is empty where none was given. */
struct deed {
    const char *name;
    int (*run)(const char *argument);
};

extern const struct deed file_deeds[];
extern const struct deed call_deeds[];
extern const struct deed host_deeds[];

/* A hog: uses up something until it is stopped; its return value is the exit code. */
struct hog {
    const char *name;
    int (*run)(const char *argument);
};

extern const struct hog hogs[];

int stalk(const char *argument);

void report(void);

/* A system call's return value as a deed's. */
int answer(long rc);

/* Whether the kernel made an idmapped mount of the directory; needs the host's root. */
int idmap_probe(const char *directory);

#endif
