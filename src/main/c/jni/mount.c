// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "glue.h"

NATIVE(cloneTree0, jint dir, jbyteArray path, jint flags)
{
    char name[PATH_MAX];
    int rc = copy_string(env, path, name, sizeof name);
    return rc < 0 ? rc : result(sys_open_tree(dir, name, OPEN_TREE_CLONE | (unsigned int)flags));
}

NATIVE(mountSetattr0, jint mount, jint flags, jlong set, jlong clear, jint userns)
{
    struct mount_attr attr = {.attr_set = (uint64_t)set, .attr_clr = (uint64_t)clear, .propagation = MS_PRIVATE};
    if (userns >= 0)
        attr.userns_fd = (uint64_t)(uint32_t)userns;
    return result(sys_mount_setattr(mount, AT_EMPTY_PATH | (unsigned int)flags, &attr));
}
