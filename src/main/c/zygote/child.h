// SPDX-License-Identifier: Apache-2.0
#ifndef HUTCH_CHILD_H
#define HUTCH_CHILD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "plan.h"

/* Descriptors at fixed numbers, in the zygote and in every container's first process. 0 to 2 are the null device. */
enum {
    CONTROL_FD = 3,  /* requests in, reports out */
    LIFELINE_FD = 4, /* read end of a pipe that only the JVM writes to: hang-up means the JVM is gone */
    ZYGOTE_FD = 5,   /* the zygote's own pidfd */
    CHANNEL_FD = 6,  /* to Java, for one container */
    KILL_FD = 7,     /* cgroup.kill; only without a pid namespace, which would end the container's processes */
    FIRST_FREE_FD = 8,
};

/* What the clone hands down to a container's first process. */
struct container {
    uint64_t id;
    uint64_t namespaces;
    uint32_t flags; /* enum request_flag */
    struct hutch_slot *slot;
    bool fenced;        /* signals of its processes stay among them */
    bool clone3_hidden; /* so clone(2) made it, and left something to do */
};

/* Tells Java, straight away, of a container's end; what its slot says of a failure goes along. */
void send_report(struct hutch_report report, const struct hutch_slot *slot, const struct rusage *usage);

/* Kills every child of this process but those to be spared; NULL spares none. True where there was any other. A child keeps
 * its pid until it is reaped, so nobody else is met. proc(5), /proc/PID/task/TID/children. */
bool kill_children(bool (*spared)(pid_t pid));

/* The life of a container, from the return of the clone on. */
_Noreturn void container_main(struct container *container);

/* Receives, checks and walks one part of a plan. Returns 0, or fills in the failure and returns -errno. */
int walk_part(int channel, struct hutch_message *failure);

#endif
