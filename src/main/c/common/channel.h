// SPDX-License-Identifier: Apache-2.0
/* Messages with descriptors over SOCK_SEQPACKET: the zygote's end, the children's and, under JNI, Java's. */
#ifndef HUTCH_CHANNEL_H
#define HUTCH_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

enum { MAX_FDS = 253 }; /* SCM_MAX_FD */

/* What a message brings besides its bytes; the receiver owns the descriptors. */
struct descriptors {
    unsigned int count;
    pid_t sender; /* where the socket has SO_PASSCRED, else 0 */
    int fd[MAX_FDS];
};

void close_descriptors(struct descriptors *fds);

/* Receives one message: its length, 0 at end of file, -errno. More bytes than fit are -EMSGSIZE, more descriptors than
 * may be open -EMFILE; none of its descriptors is open then. */
ssize_t channel_receive(int socket, void *buffer, size_t size, struct descriptors *fds);

/* Sends one message with its descriptors: 0 or -errno. */
int channel_send(int socket, const void *message, size_t size, const int *fds, unsigned int count);

#endif
