// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Pressure;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Usage;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/** A container under version 2; with an empty directory, one that no cgroup holds. */
final class V2Container implements ContainerCgroup {
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;

    private final KernelFiles files;
    private final KeyedFile counters;
    private final String directory;
    private final V2Limits limits;
    private final LimitWriter writer;

    V2Container(KernelFiles files, KeyedFile counters, String directory, V2Place place, LimitWriter writer) {
        this.files = files;
        this.counters = counters;
        this.directory = directory;
        this.limits = new V2Limits(files, directory, place, writer);
        this.writer = writer;
    }

    @Override
    public synchronized List<Enforced> enforced() {
        return writer.account();
    }

    @Override
    public List<String> hierarchies() {
        return List.of();
    }

    @Override
    public Map<String, String> directories() {
        return directory.isEmpty() ? Map.of() : Map.of("unified", directory);
    }

    @Override
    public int[] openTasks() {
        return new int[0];
    }

    @Override
    public OptionalInt openDirectory() throws KernelException {
        return open("", O_RDONLY);
    }

    @Override
    public OptionalInt openProcs() throws KernelException {
        return open("/cgroup.procs", O_WRONLY);
    }

    @Override
    public OptionalInt openKill() throws KernelException {
        return open("/cgroup.kill", O_WRONLY);
    }

    private OptionalInt open(String name, int flags) throws KernelException {
        return directory.isEmpty() ? OptionalInt.empty() : OptionalInt.of(files.open(directory + name, flags, 0));
    }

    @Override
    public synchronized void update(Limits wanted) throws SandboxException {
        writer.change(wanted, limits);
    }

    @Override
    public Limits limits() {
        return writer.inForce();
    }

    /** Not here: before Linux 6.12 the file can't be written, and since then only for one reader's own descriptor. */
    @Override
    public boolean resetPeak() {
        return false;
    }

    @Override
    public CgroupUsage usage() throws KernelException {
        if (directory.isEmpty()) {
            return CgroupUsage.NOTHING;
        }
        String cpu = counters.text(directory, "cpu.stat");
        String memory = counters.text(directory, "memory.events");
        long pidsPeak = counters.number(directory, "pids.peak");
        Optional<String> io = counters.find(directory, "io.stat");
        return new CgroupUsage(
                !cpu.isEmpty(),
                micros(cpu, "usage_usec"),
                micros(cpu, "user_usec"),
                micros(cpu, "system_usec"),
                counters.number(directory, "memory.peak"),
                KeyedFile.value(memory, "oom"),
                KeyedFile.value(memory, "oom_kill"),
                pidsPeak,
                counters.pidsLimitHits(directory, pidsPeak, writer.pids()),
                KeyedFile.sum(io, "rbytes="),
                KeyedFile.sum(io, "wbytes="));
    }

    private static Duration micros(String text, String key) {
        return Duration.of(KeyedFile.value(text, key), ChronoUnit.MICROS);
    }

    @Override
    public LimitEvents limitEvents() throws KernelException {
        return directory.isEmpty()
                ? LimitEvents.NONE
                : new LimitEvents(
                        KeyedFile.value(counters.text(directory, "memory.events"), "oom_kill"),
                        counters.pidsLimitHits(directory, writer.pids()));
    }

    @Override
    public Usage current(long cpuBefore) throws KernelException {
        if (directory.isEmpty()) {
            return Usage.NONE;
        }
        Optional<String> stat = counters.find(directory, "cpu.stat").filter(text -> !text.isEmpty());
        Optional<Duration> cpu = stat.map(text -> micros(text, "usage_usec").minusNanos(cpuBefore))
                .map(time -> time.isNegative() ? Duration.ZERO : time);
        Optional<Duration> user = stat.map(text -> share(cpu.orElseThrow(), text));
        Optional<String> io = counters.find(directory, "io.stat");
        return new Usage(
                cpu,
                user,
                cpu.map(all -> all.minus(user.orElseThrow())),
                counters.whole(directory, "memory.current"),
                counters.whole(directory, "memory.peak"),
                counters.whole(directory, "pids.current"),
                counters.whole(directory, "pids.peak"),
                KeyedFile.sum(io, "rbytes="),
                KeyedFile.sum(io, "wbytes="),
                pressure("cpu.pressure"),
                pressure("memory.pressure"),
                pressure("io.pressure"));
    }

    /** The user part, in the proportion that the kernel counted before the set-up's time was left out. */
    private static Duration share(Duration cpu, String stat) {
        return CgroupUsage.userPart(cpu, KeyedFile.value(stat, "user_usec"), KeyedFile.value(stat, "usage_usec"));
    }

    /** The files exist with {@code psi=0} too; reading them is EOPNOTSUPP then. */
    private Optional<Pressure> pressure(String name) throws KernelException {
        try {
            return PressureFile.parse(counters.text(directory, name));
        } catch (KernelException refusal) {
            if (refusal.is(Errno.EOPNOTSUPP)) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    @Override
    public boolean countsCpu() {
        return !directory.isEmpty();
    }

    @Override
    public long cpuNanos() throws KernelException {
        return directory.isEmpty() ? 0 : 1000 * KeyedFile.value(counters.text(directory, "cpu.stat"), "usage_usec");
    }

    @Override
    public void freeze(boolean frozen) throws SandboxException {
        if (directory.isEmpty()) {
            throw new SandboxException("freeze", "", null, "no cgroup holds the container: see hutch doctor");
        }
        files.write(directory + "/cgroup.freeze", frozen ? "1" : "0");
    }

    /** cgroup-v2.rst, "cgroup.freeze": SIGKILL gets through. */
    @Override
    public OptionalInt openThaw() {
        return OptionalInt.empty();
    }

    @Override
    public boolean awaitFrozen(long nanos) throws SandboxException {
        return Freezer.awaitV2(files, directory, nanos);
    }

    @Override
    public void kill(IntConsumer killPid) throws SandboxException {
        if (!directory.isEmpty()) {
            CgroupTree.kill(files, directory, killPid);
        }
    }

    @Override
    public void remove() throws SandboxException {
        if (!directory.isEmpty()) {
            CgroupTree.remove(files, directory);
        }
    }
}
