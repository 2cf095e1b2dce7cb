// SPDX-License-Identifier: Apache-2.0
/* What every JNI file shares. A native method is one system call, or one idiom that is meaningless in part. It returns the
 * call's value or -errno, throws nothing, allocates nothing, keeps no state; EINTR is retried here, since no Java caller
 * could do anything else with it. */
#ifndef HUTCH_GLUE_H
#define HUTCH_GLUE_H

#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "sys.h"

/* NATIVE(name, parameters…): a static native of JniKernel. */
#define NATIVE(name, ...) \
    JNIEXPORT jint JNICALL Java_dev_hutch_internal_kernel_JniKernel_##name(JNIEnv *env UNUSED, jclass self UNUSED, \
                                                                           ##__VA_ARGS__)

/* Copies a Java byte array that already ends in NUL. */
static inline int copy_string(JNIEnv *env, jbyteArray from, char *to, size_t size)
{
    jsize length = (*env)->GetArrayLength(env, from);
    if (length < 1 || (size_t)length > size)
        return -ENAMETOOLONG;
    (*env)->GetByteArrayRegion(env, from, 0, length, (jbyte *)to);
    return to[length - 1] == '\0' ? 0 : -EINVAL;
}

/* The start of [offset, offset + length) in a direct buffer, or NULL if it isn't within. */
static inline void *direct(JNIEnv *env, jobject buffer, jint offset, jint length)
{
    char *base = (*env)->GetDirectBufferAddress(env, buffer);
    jlong capacity = (*env)->GetDirectBufferCapacity(env, buffer);
    if (base == NULL || offset < 0 || length < 0 || (jlong)offset + length > capacity)
        return NULL;
    return base + offset;
}

#endif
