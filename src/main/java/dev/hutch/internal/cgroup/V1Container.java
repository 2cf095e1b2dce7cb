// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.DeviceThrottle.Kind;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Usage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** A container under version 1, with a version 2 directory beside where kill was asked for on a hybrid machine. */
final class V1Container implements ContainerCgroup {
    static final String UNIFIED = "unified";
    private static final long CHARGE_BATCH = 32 * 4096;
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;

    private final KernelFiles files;
    private final Map<String, Hierarchy> mounts;
    private final KeyedFile counters;
    private final Map<String, String> directories;
    private final Map<String, String> shared;
    private final Map<String, String> missing;
    private final V1Limits limits;
    private final LimitWriter writer;

    /**
     * @param mounts the machine's hierarchies, by controller
     * @param directories the container's own, by controller; filled while it is made
     * @param shared those of all containers of this JVM, which it joins and leaves as they are; filled likewise
     * @param missing why there is no directory, by controller; filled likewise
     */
    V1Container(
            KernelFiles files,
            Map<String, Hierarchy> mounts,
            KeyedFile counters,
            V1Features features,
            Map<String, String> directories,
            Map<String, String> shared,
            Map<String, String> missing,
            LimitWriter writer) {
        this.files = files;
        this.mounts = mounts;
        this.counters = counters;
        this.directories = directories;
        this.shared = shared;
        this.missing = missing;
        this.limits = new V1Limits(files, features, directories, missing, writer);
        this.writer = writer;
    }

    @Override
    public synchronized List<Enforced> enforced() {
        return writer.account();
    }

    @Override
    public Map<String, String> directories() {
        Map<String, String> joined = new LinkedHashMap<>(shared);
        joined.putAll(directories);
        return joined;
    }

    /** A hierarchy is mounted with all its controllers or not at all; cgroups(7). */
    @Override
    public List<String> hierarchies() {
        return directories().keySet().stream()
                .flatMap(controller -> Stream.ofNullable(mounts.get(controller)))
                .map(hierarchy -> String.join(",", hierarchy.controllers()))
                .distinct()
                .toList();
    }

    @Override
    public int[] openTasks() throws KernelException {
        Set<String> joined = distinct();
        joined.remove(directories.get(UNIFIED));
        joined.addAll(shared.values());
        int[] fds = new int[joined.size()];
        int opened = 0;
        try {
            for (String directory : joined) {
                fds[opened] = files.open(directory + "/tasks", O_WRONLY, 0);
                opened++;
            }
            return fds;
        } finally {
            while (opened < fds.length && opened > 0) {
                files.close(fds[--opened]);
            }
        }
    }

    @Override
    public OptionalInt openDirectory() throws KernelException {
        return openUnified("", O_RDONLY);
    }

    @Override
    public OptionalInt openProcs() throws KernelException {
        return openUnified("/cgroup.procs", O_WRONLY);
    }

    @Override
    public OptionalInt openKill() throws KernelException {
        return openUnified("/cgroup.kill", O_WRONLY);
    }

    private OptionalInt openUnified(String name, int flags) throws KernelException {
        String unified = directories.get(UNIFIED);
        return unified == null ? OptionalInt.empty() : OptionalInt.of(files.open(unified + name, flags, 0));
    }

    @Override
    public synchronized void update(Limits wanted) throws SandboxException {
        writer.change(wanted, limits);
    }

    @Override
    public Limits limits() {
        return writer.inForce();
    }

    @Override
    public boolean resetPeak() throws KernelException {
        String memory = directories.get("memory");
        if (memory == null) {
            return false;
        }
        files.write(memory + "/memory.max_usage_in_bytes", "0");
        return true;
    }

    @Override
    public CgroupUsage usage() throws KernelException {
        String memory = directories.get("memory");
        String pids = directories.get("pids");
        String cpuacct = directories.get("cpuacct");
        Duration cpu = Duration.ofNanos(cpuNanos());
        Duration user = cpuacct == null ? Duration.ZERO : userPart(cpu, counters.text(cpuacct, "cpuacct.stat"));
        long oomKills = memory == null ? 0 : KeyedFile.value(counters.text(memory, "memory.oom_control"), "oom_kill");
        long pidsPeak = pids == null ? 0 : counters.number(pids, "pids.peak");
        Optional<String> io = io();
        return new CgroupUsage(
                cpuacct != null,
                cpu,
                user,
                cpu.minus(user),
                memory == null ? 0 : counters.number(memory, "memory.max_usage_in_bytes"),
                memory == null || oomKills == 0 ? 0 : limitHits(memory, oomKills),
                oomKills,
                pidsPeak,
                pids == null ? 0 : counters.pidsLimitHits(pids, pidsPeak, writer.pids()),
                counted(io, "Read ", Kind.READ_BPS, Kind.READ_IOPS),
                counted(io, "Write ", Kind.WRITE_BPS, Kind.WRITE_IOPS));
    }

    /** Empty without a device: newer kernels (6.18) count those alone that some cgroup throttles. */
    private Optional<String> io() throws KernelException {
        String blkio = directories.get("blkio");
        Optional<String> io =
                blkio == null ? Optional.empty() : counters.find(blkio, "blkio.throttle.io_service_bytes");
        return io.filter(text -> text.contains(" Read "));
    }

    /** Of a direction that nobody throttles, kernels such as 6.1 show zeros whatever was carried. */
    private OptionalLong counted(Optional<String> io, String key, Kind... throttles) {
        OptionalLong sum = KeyedFile.sum(io, key);
        boolean throttled = writer.inForce().throttles().stream()
                .anyMatch(each -> List.of(throttles).contains(each.kind()));
        return throttled || sum.orElse(0) != 0 ? sum : OptionalLong.empty();
    }

    /**
     * With the limit of memory and swap at the same value, the kernel meets that one first, and newer ones (6.18) count
     * that nowhere. Then the peak tells: memory is charged in batches of up to 32 pages. Once it has been at the limit,
     * every kill counts as a hit, so that the hits of one command among several can be told.
     */
    private long limitHits(String memory, long oomKills) throws KernelException {
        long counted = counters.number(memory, "memory.failcnt") + counters.number(memory, "memory.memsw.failcnt");
        long peak = counters.number(memory, "memory.max_usage_in_bytes");
        long limit = counters.number(memory, "memory.limit_in_bytes");
        return counted + (peak + CHARGE_BATCH >= limit ? oomKills : 0);
    }

    /** The exact total, parted in the proportion of the two counters, which know only hundredths of a second. */
    static Duration userPart(Duration cpu, String stat) {
        long user = KeyedFile.value(stat, "user");
        long system = KeyedFile.value(stat, "system");
        return CgroupUsage.userPart(cpu, user, user + system);
    }

    @Override
    public LimitEvents limitEvents() throws KernelException {
        String memory = directories.get("memory");
        String pids = directories.get("pids");
        return new LimitEvents(
                memory == null ? 0 : KeyedFile.value(counters.text(memory, "memory.oom_control"), "oom_kill"),
                pids == null ? 0 : counters.pidsLimitHits(pids, writer.pids()));
    }

    @Override
    public Usage current(long cpuBefore) throws KernelException {
        String memory = directories.get("memory");
        String pids = directories.get("pids");
        String cpuacct = directories.get("cpuacct");
        Optional<Duration> cpu =
                cpuacct == null ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, cpuNanos() - cpuBefore)));
        Optional<Duration> user = cpuacct == null
                ? Optional.empty()
                : Optional.of(userPart(cpu.orElseThrow(), counters.text(cpuacct, "cpuacct.stat")));
        Optional<String> io = io();
        return new Usage(
                cpu,
                user,
                cpu.map(all -> all.minus(user.orElseThrow())),
                counters.whole(memory, "memory.usage_in_bytes"),
                counters.whole(memory, "memory.max_usage_in_bytes"),
                counters.whole(pids, "pids.current"),
                counters.whole(pids, "pids.peak"),
                counted(io, "Read ", Kind.READ_BPS, Kind.READ_IOPS),
                counted(io, "Write ", Kind.WRITE_BPS, Kind.WRITE_IOPS),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public boolean countsCpu() {
        return directories.containsKey("cpuacct");
    }

    @Override
    public long cpuNanos() throws KernelException {
        String cpuacct = directories.get("cpuacct");
        return cpuacct == null ? 0 : counters.number(cpuacct, "cpuacct.usage");
    }

    @Override
    public void freeze(boolean frozen) throws SandboxException {
        String freezer = directories.get("freezer");
        if (freezer != null) {
            files.write(freezer + "/freezer.state", frozen ? "FROZEN" : "THAWED");
        } else {
            files.write(unifiedFreezer() + "/cgroup.freeze", frozen ? "1" : "0");
        }
    }

    @Override
    public OptionalInt openThaw() throws KernelException {
        String freezer = directories.get("freezer");
        return freezer == null
                ? OptionalInt.empty()
                : OptionalInt.of(files.open(freezer + "/freezer.state", O_WRONLY, 0));
    }

    @Override
    public boolean awaitFrozen(long nanos) throws SandboxException {
        String freezer = directories.get("freezer");
        return freezer != null
                ? Freezer.awaitV1(files, freezer, nanos)
                : Freezer.awaitV2(files, unifiedFreezer(), nanos);
    }

    private String unifiedFreezer() throws SandboxException {
        String unified = directories.get(UNIFIED);
        if (unified == null) {
            throw new SandboxException(
                    "freeze",
                    "",
                    null,
                    missing.getOrDefault("freezer", "the container was made without the freezer controller"));
        }
        return unified;
    }

    @Override
    public void kill(IntConsumer killPid) throws SandboxException {
        String unified = directories.get(UNIFIED);
        if (unified != null) {
            CgroupTree.kill(files, unified, killPid);
        } else if (!directories.isEmpty()) {
            String any = directories.values().iterator().next();
            CgroupTree.killInRounds(files, directories.getOrDefault("pids", any), killPid);
        }
    }

    @Override
    public void remove() throws SandboxException {
        SandboxException first = null;
        for (String directory : distinct()) {
            try {
                CgroupTree.remove(files, directory);
            } catch (SandboxException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Controllers that are mounted together share a directory. */
    private Set<String> distinct() {
        return new LinkedHashSet<>(directories.values());
    }
}
