// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "glue.h"

enum { MAX_FDS = 253, MAX_POLL = 8 };

NATIVE(jint, socketPair0)(JNIEnv *env, jclass type, jintArray ends)
{
    (void)type;
    int fds[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return -errno;
    if (setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
        int rc = -errno;
        close(fds[0]);
        close(fds[1]);
        return rc;
    }
    (*env)->SetIntArrayRegion(env, ends, 0, 2, (const jint *)fds);
    return 0;
}

NATIVE(jint, send0)(JNIEnv *env, jclass type, jint socket, jobject buffer, jint length, jintArray descriptors)
{
    (void)type;
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MAX_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec data = {.iov_base = direct(env, buffer, 0, length), .iov_len = (size_t)length};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    jsize count = (*env)->GetArrayLength(env, descriptors);
    if (data.iov_base == NULL || count > MAX_FDS)
        return data.iov_base == NULL ? -EFAULT : -E2BIG;
    if (count > 0) {
        size_t size = (size_t)count * sizeof(int);
        memset(control.bytes, 0, CMSG_SPACE(size));
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(size);
        (*env)->GetIntArrayRegion(env, descriptors, 0, count, (jint *)(void *)CMSG_DATA(c));
    }
    ssize_t n;
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return result(n);
}

/* Bytes into the buffer; into details: the sender's pid, the number of descriptors, the descriptors. */
NATIVE(jint, receive0)(JNIEnv *env, jclass type, jint socket, jobject buffer, jint length, jintArray details)
{
    (void)type;
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MAX_FDS) + CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec data = {.iov_base = direct(env, buffer, 0, length), .iov_len = (size_t)length};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    if (data.iov_base == NULL || (*env)->GetArrayLength(env, details) < 2 + MAX_FDS)
        return -EFAULT;
    ssize_t n;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    jint head[2] = {0, 0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;
            memcpy(&sender, CMSG_DATA(c), sizeof sender);
            head[0] = sender.pid;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            head[1] = (jint)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            (*env)->SetIntArrayRegion(env, details, 2, head[1], (const jint *)(void *)CMSG_DATA(c));
        }
    }
    (*env)->SetIntArrayRegion(env, details, 0, 2, head);
    return (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? -EMSGSIZE : (jint)n;
}

/* A bit for each descriptor that is ready or hung up; 0 when the time was up. */
NATIVE(jint, poll0)(JNIEnv *env, jclass type, jint timeout, jintArray descriptors, jint writable)
{
    (void)type;
    struct pollfd watch[MAX_POLL];
    jint fds[MAX_POLL], ready = 0;
    jsize count = (*env)->GetArrayLength(env, descriptors);
    if (count > MAX_POLL)
        return -E2BIG;
    (*env)->GetIntArrayRegion(env, descriptors, 0, count, fds);
    for (jsize i = 0; i < count; i++)
        watch[i] = (struct pollfd){.fd = fds[i], .events = (writable >> i & 1) != 0 ? POLLOUT : POLLIN};
    int n = poll(watch, (nfds_t)count, timeout);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (jsize i = 0; i < count; i++)
        if (watch[i].revents != 0)
            ready |= 1 << i;
    return ready;
}
