// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.userns;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Gives each sandbox of root's a range of host ids that no other sandbox has at the same time, so that the kernel's
 * quotas for each user hold for each sandbox. Ranges come in blocks: a JVM locks a block's file once and hands out from
 * memory. Nothing is looked at before the first range is taken. Thread-safe.
 */
public final class IdRanges implements AutoCloseable {
    /** Ids of one range: all that programs with 16-bit ids can name. */
    public static final long SIZE = 65_536;

    /** In a container that has no more ids than that for itself: enough for the usual ones. */
    private static final long SMALL_SIZE = 1024;

    private static final int RANGES_A_BLOCK = 64;
    private static final int SMALL_RANGES_A_BLOCK = 4;
    /** nobody and nogroup, and what stands for no id, are others'. */
    private static final long LAST = 65_533;

    private static final String FOLDER = "ids";
    /** What systemd's UIDS-GIDS leaves to container managers. */
    private static final IdSpan CONTAINERS = new IdSpan(524_288, 1_879_048_192L - 524_288);

    private final Kernel kernel;
    private final Map<String, String> environment;
    private final Deque<IdSpan> free = new ArrayDeque<>();
    private final List<LockFile> held = new ArrayList<>();
    private List<IdSpan> blocks = List.of();
    private Reserved reserved = new Reserved(List.of(), new OwnIds(List.of()), new OwnIds(List.of()));
    private String folder = "";
    private long size = SIZE;
    private int next;
    private int tried;

    public IdRanges(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    /**
     * Which ranges must not be given: other users' subordinate ids, and those that don't exist in our own
     * namespace.
     */
    private record Reserved(List<IdSpan> others, OwnIds uids, OwnIds gids) {
        boolean allow(IdSpan range) {
            for (IdSpan other : others) {
                if (other.first() < range.end() && range.first() < other.end()) {
                    return false;
                }
            }
            return uids.contain(range) && gids.contain(range);
        }
    }

    /** A range that nobody else has until it is given back. */
    public synchronized IdSpan take() throws SandboxException {
        if (folder.isEmpty()) {
            look();
        }
        while (free.isEmpty() && tried < blocks.size()) {
            lockNextBlock();
        }
        if (free.isEmpty()) {
            throw none();
        }
        return free.removeFirst();
    }

    private static SandboxException none() {
        return new SandboxException(
                "take",
                "a range of host ids",
                null,
                "none is free that this user namespace has: give root more in " + SubordinateIds.SUBUID + " and "
                        + SubordinateIds.SUBGID + ", or map ids by hand");
    }

    /**
     * The range may be used again, after all others that are free: so files that were left behind have an owner
     * longer.
     */
    public synchronized void giveBack(IdSpan range) {
        free.addLast(range);
    }

    /** Lets other JVMs have the ranges; no sandbox may use any of them by then. */
    @Override
    public synchronized void close() {
        for (LockFile lock : held) {
            lock.close();
        }
        held.clear();
        free.clear();
        folder = "";
    }

    private void look() throws SandboxException {
        OwnIds uids = OwnIds.parse(kernel.read("/proc/self/uid_map"));
        OwnIds gids = OwnIds.parse(kernel.read("/proc/self/gid_map"));
        List<IdSpan> given = rootsOwn();
        List<IdSpan> others = given.isEmpty() ? allSubordinate() : List.of();
        reserved = new Reserved(others, uids, gids);
        List<IdSpan> spans = given.isEmpty() ? List.of(CONTAINERS) : given;
        boolean small = given.isEmpty() && !uids.reach(CONTAINERS.first());
        size = small ? SMALL_SIZE : SIZE;
        blocks = small
                ? blocks(upperHalf(uids), SMALL_RANGES_A_BLOCK * SMALL_SIZE)
                : blocks(spans, RANGES_A_BLOCK * SIZE);
        if (blocks.isEmpty()) {
            throw none();
        }
        folder = RuntimeDirectory.open(kernel, environment).folder(FOLDER);
        // A random start spares JVMs that run at the same time from trying each other's blocks.
        next = ThreadLocalRandom.current().nextInt(blocks.size());
        tried = 0;
    }

    /** What the administrator gave to root for users and for groups. */
    private List<IdSpan> rootsOwn() throws KernelException {
        List<IdSpan> uids = SubordinateIds.of(kernel, SubordinateIds.SUBUID, "root", 0);
        List<IdSpan> gids = SubordinateIds.of(kernel, SubordinateIds.SUBGID, "root", 0);
        List<IdSpan> both = new ArrayList<>();
        for (IdSpan span : uids) {
            for (IdSpan group : gids) {
                if (span.size() >= SIZE && group.contains(span)) {
                    both.add(span);
                }
            }
        }
        return both;
    }

    /** useradd(8) gives users ranges up to 600,100,000 by default, which reaches into what containers use. */
    private List<IdSpan> allSubordinate() throws KernelException {
        List<IdSpan> all = new ArrayList<>();
        for (String file : List.of(SubordinateIds.SUBUID, SubordinateIds.SUBGID)) {
            try {
                for (String line : kernel.read(file).split("\n")) {
                    all.addAll(SubordinateIds.parse(line, line.split(":")[0], -1));
                }
            } catch (KernelException refusal) {
                if (!refusal.is(Errno.ENOENT)) {
                    throw refusal;
                }
            }
        }
        return all;
    }

    /** Of what a container has for itself: the lower half is where its own users are. */
    private static List<IdSpan> upperHalf(OwnIds own) {
        return own.spans().stream()
                .map(span -> new long[] {span.first() + span.size() / 2, Math.min(span.end(), LAST + 1)})
                .filter(half -> half[0] < half[1])
                .map(half -> new IdSpan(half[0], half[1] - half[0]))
                .toList();
    }

    private List<IdSpan> blocks(List<IdSpan> spans, long length) {
        List<IdSpan> blocks = new ArrayList<>();
        for (IdSpan span : spans) {
            long end = span.end() - span.size() % size;
            for (long first = span.first(); first < end; first += length) {
                blocks.add(new IdSpan(first, Math.min(length, end - first)));
            }
        }
        return blocks;
    }

    private void lockNextBlock() throws KernelException {
        IdSpan block = blocks.get(next);
        next = (next + 1) % blocks.size();
        tried++;
        Optional<LockFile> lock = LockFile.tryMake(kernel, folder + "/" + block.first());
        if (lock.isEmpty()) {
            return;
        }
        held.add(lock.get());
        for (long first = block.first(); first < block.end(); first += size) {
            IdSpan range = new IdSpan(first, size);
            if (reserved.allow(range)) {
                free.addLast(range);
            }
        }
    }
}
