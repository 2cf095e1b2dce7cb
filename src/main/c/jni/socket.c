// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include "channel.h"
#include "glue.h"

enum { MAX_POLL = 31 };

NATIVE(send0, jint socket, jobject buffer, jint length, jintArray descriptors)
{
    jint fds[MAX_FDS];
    const void *bytes = direct(env, buffer, 0, length);
    jsize count = (*env)->GetArrayLength(env, descriptors);
    if (bytes == NULL || count > MAX_FDS)
        return bytes == NULL ? -EFAULT : -E2BIG;
    (*env)->GetIntArrayRegion(env, descriptors, 0, count, fds);
    return channel_send(socket, bytes, (size_t)length, fds, (unsigned int)count);
}

/* Bytes into the buffer; into details: the sender's pid, the number of descriptors, the descriptors. */
NATIVE(receive0, jint socket, jobject buffer, jint length, jintArray details)
{
    struct descriptors fds;
    void *bytes = direct(env, buffer, 0, length);
    if (bytes == NULL || (*env)->GetArrayLength(env, details) < 2 + MAX_FDS)
        return -EFAULT;
    ssize_t n = channel_receive(socket, bytes, (size_t)length, &fds);
    jint head[] = {fds.sender, (jint)fds.count};
    (*env)->SetIntArrayRegion(env, details, 0, 2, head);
    (*env)->SetIntArrayRegion(env, details, 2, (jsize)fds.count, fds.fd);
    return (jint)n;
}

/* A bit for each descriptor that is ready or hung up; 0 when the time was up. A negative mask asks for a change of a
 * kernel file since it was read: kernfs says so by POLLPRI, and is ready to read and write at any time. */
NATIVE(poll0, jint timeout, jintArray descriptors, jint out)
{
    struct pollfd watch[MAX_POLL];
    jint fds[MAX_POLL], ready = 0;
    jsize count = (*env)->GetArrayLength(env, descriptors);
    if (count > MAX_POLL)
        return -E2BIG;
    (*env)->GetIntArrayRegion(env, descriptors, 0, count, fds);
    for (jsize i = 0; i < count; i++)
        watch[i] = (struct pollfd){.fd = fds[i], .events = out < 0 ? POLLPRI : (out >> i & 1) != 0 ? POLLOUT : POLLIN};
    int n = poll(watch, (nfds_t)count, timeout);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (jsize i = 0; i < count; i++)
        if (watch[i].revents != 0)
            ready |= 1 << i;
    return ready;
}
