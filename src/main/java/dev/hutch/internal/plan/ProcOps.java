// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxSpec;
import java.util.List;
import java.util.Map;

/** /proc, with what the OCI defaults mask and make read-only, and /sys. */
final class ProcOps {
    /** The OCI defaults' maskedPaths, and what newer kernels added to the same end. */
    private static final List<String> MASKED = List.of(
            "proc/acpi",
            "proc/asound",
            "proc/interrupts",
            "proc/kcore",
            "proc/keys",
            "proc/latency_stats",
            "proc/sched_debug",
            "proc/scsi",
            "proc/timer_list",
            "proc/timer_stats");

    /** Of /sys: what the firmware says, and the power drawn, which tells other programs' secrets. */
    static final List<String> SYS_MASKED = List.of("sys/firmware", "sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY =
            List.of("proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger");

    private ProcOps() {}

    /**
     * The sandbox's own /proc. Without a pid namespace of its own the kernel refuses one: the host's, read-only.
     *
     * @param groups first and last group that may ping, as the kernel's file wants them
     */
    static void proc(List<Op> ops, SandboxSpec spec, List<String> present, String groups) {
        long sealed = Op.NOSUID | Op.NODEV | Op.NOEXEC;
        if (spec.isNew(Namespace.PID)) {
            ops.add(Op.mountFs("proc", "proc", Map.of(), sealed, Op.NO_SYMLINKS));
        } else {
            ops.add(Op.mountTree("/proc", "proc", sealed | Op.RDONLY, Op.NO_SYMLINKS | Op.RECURSIVE));
        }
        if (spec.isNew(Namespace.NETWORK) && spec.isNew(Namespace.PID)) {
            ops.add(Op.writeProc("proc/sys/net/ipv4/ip_unprivileged_port_start", "0", Op.IF_EXISTS));
            ops.add(Op.writeProc("proc/sys/net/ipv4/ping_group_range", groups, Op.IF_EXISTS));
        }
        MASKED.stream().filter(present::contains).forEach(path -> ops.add(Op.mask(path, DeviceOps.NULL)));
        for (String path : READ_ONLY) {
            if (present.contains(path)) {
                ops.add(Op.mountTree(
                        path,
                        path,
                        sealed | Op.RDONLY,
                        Op.SOURCE_IN_ROOT | Op.IF_EXISTS | Op.RECURSIVE | Op.NO_SYMLINKS));
            }
        }
    }

    /** Which of the paths this kernel has at all: no need to try the others at every launch. */
    static List<String> present() {
        return java.util.stream.Stream.concat(MASKED.stream(), READ_ONLY.stream())
                .filter(path -> java.nio.file.Files.exists(java.nio.file.Path.of("/", path)))
                .toList();
    }
}
