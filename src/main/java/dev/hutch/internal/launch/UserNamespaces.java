// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.host.Privilege;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.userns.IdMapWriter;
import dev.hutch.internal.userns.IdMaps;
import dev.hutch.internal.userns.IdRanges;
import dev.hutch.internal.userns.IdSpan;
import dev.hutch.internal.userns.OwnIds;
import dev.hutch.internal.userns.SubordinateRange;
import dev.hutch.spec.Errno;
import dev.hutch.spec.IdMapping;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.User;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The usual source of ids. As root: the caller's map, or a range of the sandbox's own. As a plain user: the subordinate
 * range where there is one and newuidmap(1), else the own id alone. Thread-safe.
 */
public final class UserNamespaces implements IdSource {
    private final Kernel kernel;
    private final boolean privileged;
    private final boolean mapsIds;
    private final IdRanges ranges;
    private final IdMapWriter writer;

    /**
     * @param privileged whether we may mount, too
     * @param mapsIds whether any ids may be mapped
     */
    public UserNamespaces(Kernel kernel, Map<String, String> environment, boolean privileged, boolean mapsIds) {
        this.kernel = kernel;
        this.privileged = privileged;
        this.mapsIds = mapsIds;
        this.ranges = new IdRanges(kernel, environment);
        this.writer = new IdMapWriter(kernel, mapsIds);
    }

    @Override
    public Ids take(SandboxSpec spec) throws SandboxException {
        Ids ids = choose(spec);
        try {
            check(spec.user(), ids);
        } catch (SandboxException e) {
            giveBack(ids);
            throw e;
        }
        return ids;
    }

    private Ids choose(SandboxSpec spec) throws SandboxException {
        if (spec.isolation() == Isolation.LANDLOCK) {
            return withoutNamespace();
        }
        if (!spec.isNew(Namespace.USER)) {
            if (!privileged) {
                throw new SandboxException(
                        "--userns host", "", Errno.EPERM, "only root can do without a user namespace");
            }
            return Ids.HOST;
        }
        if (!spec.uidMappings().isEmpty()) {
            IdMaps given = new IdMaps(spec.uidMappings(), spec.gidMappings());
            OwnIds uids = OwnIds.parse(kernel.read("/proc/self/uid_map"));
            OwnIds gids = OwnIds.parse(kernel.read("/proc/self/gid_map"));
            boolean switches = mapsIds || !given.isSingle();
            return new Ids(given.checked(uids, gids), switches, null, switches ? List.of() : groups());
        }
        if (!mapsIds) {
            return plain(spec.user());
        }
        IdSpan range = ranges.take();
        return new Ids(IdMaps.of(range), true, range);
    }

    /** As root, in a container of somebody else's mostly: ids of the host's that are nobody's. A plain user has its own. */
    private Ids withoutNamespace() throws SandboxException {
        IdMaps none = new IdMaps(List.of(), List.of());
        if (Privilege.takesIds(kernel)) {
            return new Ids(none, true, ranges.take());
        }
        if (id("Uid:") == 0) {
            throw new SandboxException(
                    "isolation landlock",
                    "",
                    Errno.EPERM,
                    "root can't keep its own id behind it, and has no right to take another: give it CAP_SETUID, CAP_SETGID"
                            + " and CAP_KILL, or run as a plain user");
        }
        return new Ids(none, false, null, groups());
    }

    private Ids plain(User user) throws SandboxException {
        long uid = id("Uid:");
        long gid = id("Gid:");
        if (uid == 0 || gid == 0) {
            throw new SandboxException(
                    "map",
                    uid == 0 ? "uid 0" : "gid 0",
                    null,
                    "root's own id is never mapped, and without CAP_SETUID and CAP_SETGID there is no other: give the"
                            + " outer container these, or run as another user (podman run --user 1000:1000, runAsUser)");
        }
        SubordinateRange range = SubordinateRange.find(
                kernel, System.getProperty("user.name", ""), uid, Files.isExecutable(Path.of("/usr/bin/newuidmap")));
        if (range.uids() == null || range.gids() == null) {
            return new Ids(IdMaps.single(user.uid(), uid, user.gid(), gid), false, null, groups());
        }
        return new Ids(IdMaps.around(user.uid(), uid, range.uids(), user.gid(), gid, range.gids()), true, null);
    }

    private long id(String field) throws SandboxException {
        return Long.parseLong(status(field)[2]);
    }

    /** Those beside the own one, which is mapped. */
    private List<Long> groups() throws SandboxException {
        long own = id("Gid:");
        return Arrays.stream(status("Groups:"))
                .skip(1)
                .map(Long::valueOf)
                .filter(group -> group != own)
                .toList();
    }

    /** A line of /proc/self/status, word by word. */
    private String[] status(String field) throws SandboxException {
        for (String line : kernel.read("/proc/self/status").split("\n")) {
            if (line.startsWith(field)) {
                return line.strip().split("\\s+");
            }
        }
        throw new SandboxException("read", "/proc/self/status", null, "it has no " + field);
    }

    private static void check(User user, Ids ids) throws SandboxException {
        if (ids.hostUid(user.uid()) < 0 || ids.hostGid(user.gid()) < 0) {
            List<IdMapping> map = ids.maps().uids();
            throw new SandboxException(
                    "user",
                    user.toString(),
                    Errno.EINVAL,
                    "is not in the sandbox's map " + map
                            + " (CONTAINER:HOST:SIZE): choose another id, or give a map that has it");
        }
        for (long group : user.groups()) {
            if (ids.hostGid(group) < 0) {
                throw new SandboxException("group", Long.toString(group), Errno.EINVAL, "is not in the sandbox's map");
            }
        }
    }

    @Override
    public void giveBack(Ids ids) {
        if (ids.range() != null) {
            ranges.giveBack(ids.range());
        }
    }

    @Override
    public void write(int pid, Ids ids) throws SandboxException {
        writer.write(pid, ids.maps());
    }

    @Override
    public void close() {
        ranges.close();
    }
}
