// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.nio.file.Path;

/** A descriptor that goes along with a plan part; the launcher opens it just before the part is sent. */
public sealed interface FdSource {
    /**
     * A detached copy of a tree of the host's mounts.
     *
     * @param path its root on the host
     * @param recursive with all that is mounted below
     * @param attributes MOUNT_ATTR_ bits for all of it
     * @param owner how its files' owners appear inside
     */
    record Tree(Path path, boolean recursive, long attributes, Owner owner) implements FdSource {}

    /** How owners appear: as they are, shifted into the sandbox's map, or the folder's owner as the id inside. */
    enum Owner {
        AS_IS,
        SHIFTED,
        USER_INSIDE
    }

    /** Hutch's own program. */
    record Helper() implements FdSource {}

    /** One of the command's standard streams, by its number. */
    record Stream(int number) implements FdSource {}
}
