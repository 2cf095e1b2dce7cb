// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import java.util.Set;

/**
 * Where version 2's containers are made below one parent.
 *
 * @param folder {@code PARENT/hutch/JVM}; empty where nothing may be written
 * @param controllers those that a container's directory has files of
 * @param reason why others are missing
 */
record V2Place(String folder, Set<String> controllers, String reason) {
    V2Place {
        controllers = Set.copyOf(controllers);
    }
}
