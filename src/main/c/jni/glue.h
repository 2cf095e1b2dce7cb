// SPDX-License-Identifier: Apache-2.0
/* What every JNI file shares. A native method is a system call, or an idiom that Java can't make of those. It returns the
 * call's value or -errno, throws nothing, allocates nothing, keeps no state. */
#ifndef HUTCH_GLUE_H
#define HUTCH_GLUE_H

#include <errno.h>
#include <jni.h>
#include <stddef.h>
#include <stdint.h>

#include "sys.h"

/* NATIVE(name, parameters…): a static native of Natives. */
#define NATIVE(name, ...) \
    JNIEXPORT jint JNICALL Java_dev_hutch_internal_kernel_Natives_##name(JNIEnv *env UNUSED, jclass self UNUSED, \
                                                                         ##__VA_ARGS__)

/* The start of [offset, offset + length) in a direct buffer, or NULL if it isn't within. */
static inline void *direct(JNIEnv *env, jobject buffer, jlong offset, jint length)
{
    char *base = (*env)->GetDirectBufferAddress(env, buffer);
    jlong capacity = (*env)->GetDirectBufferCapacity(env, buffer);
    if (base == NULL || offset < 0 || length < 0 || offset + length > capacity)
        return NULL;
    return base + offset;
}

#endif
