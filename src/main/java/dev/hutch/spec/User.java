// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The identity that the command runs with, as ids inside the sandbox. Immutable.
 *
 * @param uid 0 to 4,294,967,294
 * @param gid 0 to 4,294,967,294
 * @param groups supplementary groups; setgroups(2)
 * @since 0.1
 */
public record User(long uid, long gid, List<Long> groups) {
    /** The largest id: 2³²−1 means "no change" to setresuid(2). */
    public static final long MAX_ID = 4_294_967_294L;

    /** uid and gid 1000, without supplementary groups. */
    public static final User DEFAULT = new User(1000, 1000, List.of());

    public User {
        Range.check("uid", uid, 0, MAX_ID);
        Range.check("gid", gid, 0, MAX_ID);
        groups = List.copyOf(groups);
        groups.forEach(group -> Range.check("group", group, 0, MAX_ID));
        Range.check("number of groups", groups.size(), 0, 65536);
    }

    /** The same number as uid and gid, without supplementary groups. */
    public static User of(long uid) {
        return new User(uid, uid, List.of());
    }

    /** Without supplementary groups. */
    public static User of(long uid, long gid) {
        return new User(uid, gid, List.of());
    }

    /**
     * Reads {@code UID[:GID[,GROUP…]]}; decimal ids only, no names. Without a gid it equals the uid.
     *
     * @throws IllegalArgumentException if a part is missing, no number, or out of range
     */
    public static User parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 2) {
            throw new IllegalArgumentException("user '" + text + "' is not UID[:GID[,GROUP…]]");
        }
        long uid = id(text, parts[0]);
        if (parts.length == 1) {
            return of(uid);
        }
        List<Long> gids = Arrays.stream(parts[1].split(",", -1))
                .map(part -> id(text, part))
                .collect(Collectors.toList());
        return new User(uid, gids.get(0), gids.subList(1, gids.size()));
    }

    private static long id(String text, String part) {
        if (!part.matches("[0-9]{1,10}") || Long.parseLong(part) > MAX_ID) {
            throw new IllegalArgumentException(
                    "user '" + text + "': '" + part + "' is not a number from 0 to " + MAX_ID);
        }
        return Long.parseLong(part);
    }

    @Override
    public String toString() {
        return uid + ":" + gid + groups.stream().map(group -> "," + group).collect(Collectors.joining());
    }
}
