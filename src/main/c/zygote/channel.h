// SPDX-License-Identifier: Apache-2.0
/* Messages with descriptors over SOCK_SEQPACKET. */
#ifndef HUTCH_CHANNEL_H
#define HUTCH_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

#include "plan.h"

/* What a message brought besides its bytes; the receiver owns the descriptors. */
struct descriptors {
    unsigned int count;
    int fd[MAX_FDS];
};

/* Receives one message: its length, 0 at end of file, -errno. More descriptors or bytes than fit are -EMSGSIZE. */
ssize_t channel_receive(int socket, void *buffer, size_t size, struct descriptors *fds);

/* Sends one message, with a descriptor if fd is not -1: 0 or -errno. */
int channel_send(int socket, const void *message, size_t size, int fd);

#endif
