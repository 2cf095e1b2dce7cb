// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.userns.IdMaps;
import dev.hutch.internal.userns.IdSpan;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.User;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user namespace of one sandbox: its maps, and how its processes take their ids. Immutable.
 *
 * @param maps empty lists without a user namespace
 * @param switches whether ids other than the first may be taken: not with a plain user's single-id map
 * @param range what must be given back in the end; null where nothing was taken
 * @param kept the caller's supplementary groups, of the host, which the sandbox's processes have as well: with a single-id
 *     map they can't be dropped
 */
record Ids(IdMaps maps, boolean switches, @Nullable IdSpan range, List<Long> kept) {
    static final Ids HOST = new Ids(new IdMaps(List.of(), List.of()), true, null);

    /** Without groups of the caller's. */
    Ids(IdMaps maps, boolean switches, @Nullable IdSpan range) {
        this(maps, switches, range, List.of());
    }

    /** Of the host's, which no other sandbox has; null with a user namespace, and where the program keeps the caller's. */
    @Nullable
    User hostUser() {
        return mapped() || range == null ? null : User.of(range.first() + User.DEFAULT.uid());
    }

    boolean mapped() {
        return !maps.uids().isEmpty();
    }

    /** The uid that may make folders and mounts before the final one is taken: the lowest inside. */
    long rootUid() {
        return lowest(maps.uids());
    }

    long rootGid() {
        return lowest(maps.gids());
    }

    private static long lowest(List<IdMapping> map) {
        return map.stream().mapToLong(IdMapping::containerId).min().orElse(0);
    }

    /** The host's id of a user inside; -1 where the map hasn't it. */
    long hostUid(long inside) {
        return mapped() ? maps.hostUid(inside).orElse(-1) : inRange(inside);
    }

    /** The host's id of a group inside; -1 where the map hasn't it. */
    long hostGid(long inside) {
        return mapped() ? maps.hostGid(inside).orElse(-1) : inRange(inside);
    }

    private long inRange(long inside) {
        return range == null ? inside : range.first() + inside;
    }
}
