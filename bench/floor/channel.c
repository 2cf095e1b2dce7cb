// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

_Noreturn void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    if (getpid() == the.driver)
        remove_folders();
    _exit(125);
}

int check(long result, const char *what)
{
    if (result < 0)
        die(what);
    return (int)result;
}

int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void send_message(int socket, const void *data, size_t length, const int *fds, unsigned int count)
{
    char space[CMSG_SPACE(sizeof(int) * MAX_FDS)] = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        header.msg_control = space;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(rights), fds, sizeof(int) * count);
    }
    check(sendmsg(socket, &header, MSG_NOSIGNAL), "sendmsg");
}

/* How many bytes came; 0 at end of file. fds and sender may be NULL. */
ssize_t receive_message(int socket, void *data, size_t length, int *fds, pid_t *sender)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(int) * MAX_FDS) + CMSG_SPACE(sizeof(struct ucred))];
    struct iovec part = {.iov_base = data, .iov_len = length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t received = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    check(received, "recvmsg");
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&header); each != NULL; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_type == SCM_RIGHTS && fds != NULL)
            memcpy(fds, CMSG_DATA(each), each->cmsg_len - CMSG_LEN(0));
        if (each->cmsg_type == SCM_CREDENTIALS && sender != NULL)
            *sender = ((struct ucred *)(void *)CMSG_DATA(each))->pid;
    }
    return received;
}
