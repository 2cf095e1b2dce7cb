// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.spec.IdMapping;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * The two maps of a sandbox's user namespace. Immutable.
 *
 * @param uids of users
 * @param gids of groups
 */
public record IdMaps(List<IdMapping> uids, List<IdMapping> gids) {
    /** The kernel's UID_GID_MAP_MAX_EXTENTS, since Linux 4.15. */
    private static final int MOST_LINES = 340;

    public IdMaps {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }

    /** Inside ids from 0 on are the span's, for users and groups alike. */
    public static IdMaps of(IdSpan host) {
        List<IdMapping> lines = List.of(new IdMapping(0, host.first(), host.size()));
        return new IdMaps(lines, lines);
    }

    /** One id inside is the caller's own: all that a plain user may map without help. */
    public static IdMaps single(long uid, long ownUid, long gid, long ownGid) {
        return new IdMaps(List.of(new IdMapping(uid, ownUid, 1)), List.of(new IdMapping(gid, ownGid, 1)));
    }

    /**
     * A plain user's map with help of newuidmap(1): the id inside is the caller's own, so that files of the caller's
     * are its own, and the ids around it are the caller's subordinate ones.
     */
    public static IdMaps around(long uid, long ownUid, IdSpan subUids, long gid, long ownGid, IdSpan subGids) {
        return new IdMaps(around(uid, ownUid, subUids), around(gid, ownGid, subGids));
    }

    private static List<IdMapping> around(long inside, long own, IdSpan sub) {
        List<IdMapping> lines = new ArrayList<>();
        long below = Math.min(inside, sub.size());
        if (below > 0) {
            lines.add(new IdMapping(0, sub.first(), below));
        }
        lines.add(new IdMapping(inside, own, 1));
        if (sub.size() > below) {
            lines.add(new IdMapping(inside + 1, sub.first() + below, sub.size() - below));
        }
        return lines;
    }

    /** The host's id of a user inside; empty where the map hasn't it. */
    public OptionalLong hostUid(long inside) {
        return host(uids, inside);
    }

    /** The host's id of a group inside; empty where the map hasn't it. */
    public OptionalLong hostGid(long inside) {
        return host(gids, inside);
    }

    private static OptionalLong host(List<IdMapping> lines, long inside) {
        return lines.stream()
                .filter(line -> line.contains(inside))
                .mapToLong(line -> line.hostId() + inside - line.containerId())
                .findFirst();
    }

    public String uidText() {
        return text(uids);
    }

    public String gidText() {
        return text(gids);
    }

    /** What uid_map takes: in one write(2), lines {@code INSIDE OUTSIDE COUNT}. */
    private static String text(List<IdMapping> lines) {
        StringBuilder text = new StringBuilder();
        for (IdMapping line : lines) {
            text.append(line.containerId())
                    .append(' ')
                    .append(line.hostId())
                    .append(' ')
                    .append(line.size())
                    .append('\n');
        }
        return text.toString();
    }

    /**
     * Whether both maps are no more than one id each, and so may be written without privilege; then setgroups(2) must
     * be denied first.
     */
    public boolean isSingle() {
        return uids.size() == 1
                && gids.size() == 1
                && uids.get(0).size() == 1
                && gids.get(0).size() == 1;
    }

    /** Checks what a user gave, before the kernel says no more than EINVAL or EPERM. */
    public IdMaps checked(OwnIds ownUids, OwnIds ownGids) throws SandboxException {
        check("uid", uids, ownUids);
        check("gid", gids, ownGids);
        return this;
    }

    private static void check(String kind, List<IdMapping> lines, OwnIds own) throws SandboxException {
        if (lines.isEmpty() || lines.size() > MOST_LINES) {
            throw refused(kind, lines.size() + " lines", "a map has 1 to " + MOST_LINES);
        }
        disjoint(kind, "inside", lines, IdMapping::containerId);
        disjoint(kind, "on the host", lines, IdMapping::hostId);
        for (IdMapping line : lines) {
            if (!own.contain(new IdSpan(line.hostId(), line.size()))) {
                throw refused(
                        kind,
                        line.toString(),
                        "this user namespace has only ids " + own.spans() + ": see /proc/self/" + kind + "_map");
            }
        }
    }

    private static void disjoint(String kind, String where, List<IdMapping> lines, ToLongFunction<IdMapping> first)
            throws SandboxException {
        List<IdMapping> sorted = new ArrayList<>(lines);
        sorted.sort(Comparator.comparingLong(first));
        for (int i = 1; i < sorted.size(); i++) {
            IdMapping before = sorted.get(i - 1);
            if (first.applyAsLong(before) + before.size() > first.applyAsLong(sorted.get(i))) {
                throw refused(kind, before + " and " + sorted.get(i), "they overlap " + where);
            }
        }
    }

    private static SandboxException refused(String kind, String what, String why) {
        return new SandboxException("map " + kind + "s", what, null, why);
    }
}
