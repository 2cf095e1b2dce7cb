// SPDX-License-Identifier: Apache-2.0

/**
 * Control groups, version 1, 2 and the mixture: where a container's are made, its limits written, its use read, its
 * processes killed, and how all that is removed again, also for JVMs that could not do it themselves. Plain file
 * operations; cgroups(7), Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the kernel.
 */
@NullMarked
package dev.hutch.internal.cgroup;

import org.jspecify.annotations.NullMarked;
