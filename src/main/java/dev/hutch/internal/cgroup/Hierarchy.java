// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One mounted hierarchy of control groups.
 *
 * @param mountPoint where its files are
 * @param controllers version 1's, in the kernel's order, several where they are mounted together; empty for version 2
 * @param own the directory of the cgroup that this JVM runs in; the mount point where that is out of sight
 */
public record Hierarchy(String mountPoint, Set<String> controllers, String own) {
    public Hierarchy {
        controllers = Collections.unmodifiableSet(new LinkedHashSet<>(controllers));
    }
}
