// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.IdMapping;
import java.util.List;

/**
 * The user namespace of one sandbox: its maps, and how its processes take their ids. Immutable.
 *
 * @param uids empty without a user namespace
 * @param gids empty without a user namespace
 * @param switches whether ids other than the first may be taken: not with a plain user's single-id map
 */
record Ids(List<IdMapping> uids, List<IdMapping> gids, boolean switches) {
    /** The uid that may make folders and mounts before the final one is taken: the lowest inside. */
    long rootUid() {
        return uids.stream().mapToLong(IdMapping::containerId).min().orElse(0);
    }

    long rootGid() {
        return gids.stream().mapToLong(IdMapping::containerId).min().orElse(0);
    }

    /** The host's id of one inside; -1 if the map has none. */
    static long host(List<IdMapping> map, long inside) {
        if (map.isEmpty()) {
            return inside;
        }
        return map.stream()
                .filter(line -> line.contains(inside))
                .mapToLong(line -> line.hostId() + inside - line.containerId())
                .findFirst()
                .orElse(-1);
    }

    boolean mapped() {
        return !uids.isEmpty();
    }
}
