// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * One line of a user namespace's map: {@code size} ids from {@code containerId} on inside are those from {@code hostId}
 * on outside; user_namespaces(7). Immutable.
 *
 * @param containerId first id inside, 0 to 4,294,967,294
 * @param hostId first id outside, 1 to 4,294,967,294: the host's root is never mapped
 * @param size number of ids, 1 or more
 * @since 0.1
 */
public record IdMapping(long containerId, long hostId, long size) {
    public IdMapping {
        Range.check("containerId", containerId, 0, User.MAX_ID);
        Range.check("hostId", hostId, 1, User.MAX_ID);
        Range.check("size", size, 1, User.MAX_ID + 1 - Math.max(containerId, hostId));
    }

    /** Whether an id inside is within this line. */
    public boolean contains(long id) {
        return id >= containerId && id - containerId < size;
    }

    /** Reads {@code CONTAINER:HOST:SIZE}. */
    public static IdMapping parse(String text) {
        if (!text.matches("[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}")) {
            throw new IllegalArgumentException("id mapping '" + text + "' is not CONTAINER:HOST:SIZE");
        }
        String[] parts = text.split(":");
        return new IdMapping(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    @Override
    public String toString() {
        return containerId + ":" + hostId + ":" + size;
    }
}
