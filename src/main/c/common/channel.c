// SPDX-License-Identifier: Apache-2.0
#include "channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for all that one message may carry, aligned as the kernel wants it. */
union control {
    char bytes[CMSG_SPACE(sizeof(int) * MAX_FDS) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
};

static void take(struct cmsghdr *c, struct descriptors *fds)
{
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
        struct ucred sender;
        memcpy(&sender, CMSG_DATA(c), sizeof sender);
        fds->sender = sender.pid;
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
        fds->count = (unsigned int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds->fd, CMSG_DATA(c), fds->count * sizeof(int));
    }
}

void close_descriptors(struct descriptors *fds)
{
    for (unsigned int i = 0; i < fds->count; i++)
        if (fds->fd[i] >= 0)
            close(fds->fd[i]);
    fds->count = 0;
}

ssize_t channel_receive(int socket, void *buffer, size_t size, struct descriptors *fds)
{
    union control control;
    struct iovec data = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    fds->count = 0;
    fds->sender = 0;
    ssize_t length = TEMP_FAILURE_RETRY(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
    if (length < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c))
        take(c, fds);
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
        return length;
    close_descriptors(fds);
    /* There is room for all that a message can carry: a descriptor is missing because no more may be open. */
    return (message.msg_flags & MSG_CTRUNC) != 0 ? -EMFILE : -EMSGSIZE;
}

int channel_send(int socket, const void *bytes, size_t size, const int *fds, unsigned int count)
{
    union control control = {.bytes = {0}};
    struct iovec data = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (count > MAX_FDS)
        return -E2BIG;
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    return TEMP_FAILURE_RETRY(sendmsg(socket, &message, MSG_NOSIGNAL)) < 0 ? -errno : 0;
}
