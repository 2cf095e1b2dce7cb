// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "glue.h"

enum { ARGUMENTS = 6 };

/* Any system call that needs nothing but itself. Where pointers has an argument's bit, from the lowest on, that argument
 * is an offset in the direct buffer. syscall(2). */
NATIVE(call0, jint number, jobject memory, jint pointers, jlongArray arguments)
{
    jlong argument[ARGUMENTS] = {0};
    jsize count = (*env)->GetArrayLength(env, arguments);
    if (count > ARGUMENTS)
        return -EINVAL;
    (*env)->GetLongArrayRegion(env, arguments, 0, count, argument);
    for (int i = 0; i < ARGUMENTS; i++) {
        if ((pointers >> i & 1) == 0)
            continue;
        const void *place = direct(env, memory, argument[i], 0);
        if (place == NULL)
            return -EFAULT;
        argument[i] = (jlong)(uintptr_t)place;
    }
    return result(syscall(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]));
}
