// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ids beside the own one that a plain user's sandbox gets; or why there are none, and what to do about it. Immutable.
 *
 * @param uids of users; null for none
 * @param gids of groups; null for none
 * @param reason why there are none; empty where there are
 * @param cure what gives some
 */
public record SubordinateRange(
        @Nullable IdSpan uids, @Nullable IdSpan gids, String reason, String cure) {
    /**
     * The first of the user's ranges whose ids exist in this user namespace: around a nested caller that is not all of them,
     * and the kernel then refuses the map. subuid(5), user_namespaces(7).
     *
     * @param uid the user's
     * @param helpers whether newuidmap(1) is installed
     */
    public static SubordinateRange find(KernelFiles files, String user, long uid, boolean helpers)
            throws KernelException {
        List<IdSpan> uids = SubordinateIds.of(files, SubordinateIds.SUBUID, user, uid);
        List<IdSpan> gids = SubordinateIds.of(files, SubordinateIds.SUBGID, user, uid);
        if (uids.isEmpty() || gids.isEmpty()) {
            return none(
                    "/etc/subuid and /etc/subgid give " + user + " none",
                    (helpers ? "" : "install newuidmap (Debian: uidmap); ") + "usermod --add-subuids"
                            + " 100000-165535 --add-subgids 100000-165535 " + user);
        }
        if (!helpers) {
            return none("newuidmap is missing", "install newuidmap (Debian: uidmap)");
        }
        if (files.read("/proc/self/status").contains("\nNoNewPrivs:\t1")) {
            return none(
                    "no_new_privs is set for this process, so newuidmap gets no rights",
                    "NoNewPrivileges=no of the service, allowPrivilegeEscalation: true of the pod");
        }
        Optional<IdSpan> uidRange = existing(files, "/proc/self/uid_map", uids);
        Optional<IdSpan> gidRange = existing(files, "/proc/self/gid_map", gids);
        return uidRange.isPresent() && gidRange.isPresent()
                ? new SubordinateRange(uidRange.get(), gidRange.get(), "", "")
                : none(
                        "the ids of /etc/subuid and /etc/subgid (" + uids.get(0)
                                + ") don't all exist in the user namespace"
                                + " around this process (/proc/self/uid_map)",
                        "lines there with ids that it has, or a larger map of the outer container");
    }

    private static Optional<IdSpan> existing(KernelFiles files, String map, List<IdSpan> spans) throws KernelException {
        OwnIds own = OwnIds.parse(files.read(map));
        return spans.stream().filter(own::contain).findFirst();
    }

    private static SubordinateRange none(String reason, String cure) {
        return new SubordinateRange(null, null, reason, cure);
    }
}
