// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

/** What the machine has mounted. */
public enum CgroupVersion {
    NONE,
    V1,
    /** Controllers on version 1, and a version 2 hierarchy without any beside them. */
    HYBRID,
    V2
}
