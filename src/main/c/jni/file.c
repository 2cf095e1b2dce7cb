// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "glue.h"

NATIVE(close0, jint fd)
{
    return result(close(fd));
}

NATIVE(read0, jint fd, jobject buffer, jint offset, jint length)
{
    void *to = direct(env, buffer, offset, length);
    if (to == NULL)
        return -EFAULT;
    ssize_t n = TEMP_FAILURE_RETRY(read(fd, to, (size_t)length));
    return result(n);
}

NATIVE(write0, jint fd, jobject buffer, jint offset, jint length)
{
    const void *from = direct(env, buffer, offset, length);
    if (from == NULL)
        return -EFAULT;
    ssize_t n = TEMP_FAILURE_RETRY(write(fd, from, (size_t)length));
    return result(n);
}

NATIVE(openat20, jint dir, jbyteArray path, jlong flags, jlong mode, jlong resolve)
{
    char name[PATH_MAX];
    int rc = copy_string(env, path, name, sizeof name);
    return rc < 0 ? rc : result(sys_openat2(dir, name, (uint64_t)flags, (uint64_t)mode, (uint64_t)resolve));
}

NATIVE(mkdirat0, jint dir, jbyteArray path, jint mode)
{
    char name[PATH_MAX];
    int rc = copy_string(env, path, name, sizeof name);
    return rc < 0 ? rc : result(mkdirat(dir, name, (mode_t)mode));
}

NATIVE(unlinkat0, jint dir, jbyteArray path, jint flags)
{
    char name[PATH_MAX];
    int rc = copy_string(env, path, name, sizeof name);
    return rc < 0 ? rc : result(unlinkat(dir, name, flags));
}

/* mode, uid, gid, rdev, dev, ino, size. statx(2) by number: fstat's symbol is newer than the oldest that we serve. */
NATIVE(fstat0, jint fd, jlongArray fields)
{
    struct statx s;
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &s) != 0)
        return -errno;
    jlong values[] = {s.stx_mode,
                      s.stx_uid,
                      s.stx_gid,
                      (jlong)s.stx_rdev_major << 32 | s.stx_rdev_minor,
                      (jlong)s.stx_dev_major << 32 | s.stx_dev_minor,
                      (jlong)s.stx_ino,
                      (jlong)s.stx_size};
    (*env)->SetLongArrayRegion(env, fields, 0, sizeof values / sizeof *values, values);
    return 0;
}

NATIVE(fchown0, jint fd, jint uid, jint gid)
{
    return result(fchown(fd, (uid_t)uid, (gid_t)gid));
}

NATIVE(dup0, jint fd)
{
    return result(fcntl(fd, F_DUPFD_CLOEXEC, 5));
}

NATIVE(nonBlocking0, jint fd, jboolean on)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return -errno;
    return result(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

NATIVE(tryLock0, jint fd)
{
    return result(flock(fd, LOCK_EX | LOCK_NB));
}

NATIVE(pipe0, jintArray ends)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -errno;
    (*env)->SetIntArrayRegion(env, ends, 0, 2, (const jint *)fds);
    return 0;
}

/* A memory file with the content, sealed against any change: who receives it can map it without fear. */
NATIVE(sealedMemory0, jbyteArray name, jobject content, jint length, jboolean executable)
{
    char label[64];
    int rc = copy_string(env, name, label, sizeof label);
    const char *bytes = direct(env, content, 0, length);
    if (rc < 0 || bytes == NULL)
        return rc < 0 ? rc : -EFAULT;
    unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = (int)syscall(SYS_memfd_create, label, flags | (executable ? MFD_EXEC : 0U));
    if (fd < 0 && errno == EINVAL)
        fd = (int)syscall(SYS_memfd_create, label, flags); /* before Linux 6.3: always executable */
    if (fd < 0)
        return -errno;
    for (jint at = 0; at < length && rc >= 0; at += rc)
        rc = result(write(fd, bytes + at, (size_t)(length - at)));
    if (rc >= 0)
        rc = result(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}
