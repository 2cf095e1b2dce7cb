// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.TestKernelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A machine's cgroup file systems in a temporary directory. */
final class TestMachine {
    static final Map<String, String> MEMORY_V1 = Map.of(
            "memory.limit_in_bytes", "9223372036854771712\n",
            "memory.memsw.limit_in_bytes", "9223372036854771712\n",
            "memory.max_usage_in_bytes", "0\n",
            "memory.failcnt", "0\n",
            "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
    private static final Map<String, String> CPU_V1 = Map.of(
            "cpu.shares",
            "1024\n",
            "cpu.cfs_quota_us",
            "-1\n",
            "cpuacct.usage",
            "0\n",
            "cpuacct.stat",
            "user 0\nsystem 0\n");
    private static final Map<String, String> PIDS_V1 =
            Map.of("pids.max", "max\n", "pids.current", "0\n", "pids.peak", "0\n", "pids.events", "max 0\n");

    final TestKernelFiles files = new TestKernelFiles();
    final Path root;
    private final List<String> recorded = new ArrayList<>();
    private final StringBuilder mountinfo = new StringBuilder();
    private final StringBuilder own = new StringBuilder();
    private boolean closed;

    TestMachine(Path root) {
        this.root = root;
    }

    static TestMachine v1(Path root) {
        return new TestMachine(root)
                .controller("memory", MEMORY_V1)
                .controller("cpu,cpuacct", CPU_V1)
                .controller("pids", PIDS_V1)
                .controller("blkio", Map.of("blkio.bfq.weight", "100\n"))
                .controller("cpuset", Map.of("cpuset.cpus", "\n", "cpuset.mems", "\n"))
                .controller("devices", Map.of("devices.allow", "", "devices.deny", ""))
                .controller("freezer", Map.of("freezer.state", "THAWED\n"));
    }

    static TestMachine v2(Path root, String ownPath) {
        Map<String, String> all = new HashMap<>();
        for (String name : List.of(
                "cgroup.subtree_control",
                "cgroup.kill",
                "cgroup.freeze",
                "memory.max",
                "memory.swap.max",
                "pids.max",
                "cpu.weight",
                "cpu.max",
                "io.weight",
                "io.max",
                "cpuset.cpus",
                "memory.oom.group")) {
            all.put(name, "");
        }
        all.put("cgroup.controllers", "cpuset cpu io memory pids\n");
        return new TestMachine(root).unified("", ownPath, all);
    }

    TestMachine controller(String names, Map<String, String> controlFiles) {
        Path mountPoint = root.resolve(names);
        mountinfo
                .append("31 30 0:28 / ")
                .append(mountPoint)
                .append(" rw - cgroup cgroup rw,")
                .append(names)
                .append('\n');
        own.append("1:").append(names).append(":/service\n");
        Map<String, String> all = new HashMap<>(controlFiles);
        all.put("tasks", "");
        all.put("cgroup.procs", "");
        return mount(mountPoint, all);
    }

    TestMachine unified(String name, String ownPath, Map<String, String> controlFiles) {
        Path mountPoint = root.resolve(name);
        mountinfo.append("40 30 0:37 / ").append(mountPoint).append(" rw - cgroup2 cgroup2 rw\n");
        own.append("0::").append(ownPath).append('\n');
        Map<String, String> all = new HashMap<>(controlFiles);
        all.put("cgroup.procs", "");
        mount(mountPoint, all);
        Path at = mountPoint;
        for (Path part : Path.of(ownPath)) {
            at = at.resolve(part);
            make(at);
        }
        return this;
    }

    private TestMachine mount(Path mountPoint, Map<String, String> controlFiles) {
        try {
            Files.createDirectories(mountPoint);
            for (Map.Entry<String, String> file : controlFiles.entrySet()) {
                Files.writeString(mountPoint.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        files.controlFiles(mountPoint, controlFiles);
        return this;
    }

    void make(Path directory) {
        try {
            files.mkdir(directory.toString(), 0755);
        } catch (SandboxException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void content(String path, String text) {
        try {
            Files.writeString(root.resolve(path), text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Cgroups cgroups(CgroupParent... parent) {
        CgroupMounts mounts = CgroupMounts.parse(mountinfo.toString(), own.toString());
        JvmFolder jvm = new JvmFolder(files, record());
        Optional<CgroupParent> place = Stream.of(parent).findFirst();
        return mounts.version() == CgroupVersion.V2 || mounts.version() == CgroupVersion.NONE
                ? new CgroupV2(files, mounts, jvm, place, moveIntoLeaf)
                : new CgroupV1(files, mounts, jvm, place);
    }

    boolean moveIntoLeaf;

    private JvmRecord record() {
        return new JvmRecord() {
            @Override
            public String name() {
                return "jvm-1";
            }

            @Override
            public void record(String directory) {
                recorded.add(root.relativize(Path.of(directory)).toString());
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    List<String> recorded() {
        return recorded;
    }

    boolean recordClosed() {
        return closed;
    }

    void mountsInProc() {
        files.text("/proc/self/mountinfo", mountinfo.toString()).text("/proc/self/cgroup", own.toString());
    }

    /** Directories named so, relative to the root. */
    List<String> directories(String name) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> Files.isDirectory(path)
                            && path.getFileName().toString().equals(name))
                    .map(path -> root.relativize(path).toString())
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes so far, relative to the root; forgotten then. */
    List<String> takeWrites() {
        List<String> taken = files.writes().stream()
                .map(write -> write.startsWith(root + "/")
                        ? write.substring(root.toString().length() + 1)
                        : write)
                .collect(Collectors.toList());
        files.writes().clear();
        return taken;
    }
}
