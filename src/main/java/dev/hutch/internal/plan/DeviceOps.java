// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** /dev: the six devices that every program may use, each checked to be the one meant, and the usual links. */
final class DeviceOps {
    static final long NULL = 0x103L;

    /** Device numbers as st_rdev has them for majors and minors below 256. */
    static final Map<String, Long> NODES =
            Map.of("null", NULL, "zero", 0x105L, "full", 0x107L, "random", 0x108L, "urandom", 0x109L, "tty", 0x500L);

    private static final Map<String, String> LINKS = Map.of(
            "fd", "/proc/self/fd",
            "stdin", "/proc/self/fd/0",
            "stdout", "/proc/self/fd/1",
            "stderr", "/proc/self/fd/2",
            "ptmx", "pts/ptmx");

    private DeviceOps() {}

    /** Folders, links and mount points of a /dev that stands in an empty file system at {@code dev}. */
    static void skeleton(List<Op> ops, String dev) {
        for (String folder : List.of("pts", "shm", "mqueue")) {
            ops.add(Op.mkdir(dev, folder, 0755, 0));
        }
        LINKS.forEach((name, to) -> ops.add(Op.symlink(dev, name, to)));
        NODES.keySet().forEach(name -> ops.add(Op.writeFile(dev, name, new byte[0], 0666, 0)));
    }

    /** A /dev of its own, with the host's nodes bound one by one. */
    static void own(List<Op> ops, List<Device> devices, boolean privileged) {
        ops.add(Op.mountFs(
                "tmpfs", "dev", Map.of("mode", "755", "size", "64k"), Op.NOSUID | Op.NOEXEC, Op.NO_SYMLINKS));
        skeleton(ops, "dev");
        NODES.forEach((name, number) -> ops.add(Op.mountDevice("/dev/" + name, "dev/" + name, number)));
        Folders folders = new Folders(ops, Op.MAY_EXIST);
        for (Device device : devices) {
            String target = Folders.relative(device.container());
            folders.make(Folders.parent(target));
            ops.add(Op.writeFile(Folders.parent(target), Folders.name(target), new byte[0], 0666, Op.MAY_EXIST));
            long attributes = Op.NOSUID | Op.NOEXEC | (device.readOnly() ? Op.RDONLY : 0);
            // A plain user may clone no tree for the child, but the child's namespace shows the host's /dev.
            ops.add(
                    privileged
                            ? Op.mountTree(
                                    new FdSource.Tree(device.host(), false, attributes, FdSource.Owner.AS_IS),
                                    target,
                                    0)
                            : Op.mountTree(device.host().toString(), target, attributes, 0));
        }
    }

    /** What each sandbox has for itself: terminals, shared memory, message queues. */
    static void fileSystems(List<Op> ops, long memory, boolean terminalGroup, boolean newIpc) {
        Map<String, String> pts = new LinkedHashMap<>();
        pts.put("newinstance", "");
        pts.put("ptmxmode", "0666");
        pts.put("mode", "0620");
        // The kernel has one count for all instances: without a bound, four programs take every other sandbox's.
        pts.put("max", "256");
        if (terminalGroup) {
            pts.put("gid", "5");
        }
        ops.add(Op.mountFs("devpts", "dev/pts", pts, Op.NOSUID | Op.NOEXEC, Op.NO_SYMLINKS));
        ops.add(Op.mountFs(
                "tmpfs",
                "dev/shm",
                Map.of("mode", "1777", "size", Long.toString(memory)),
                Op.NOSUID | Op.NODEV | Op.NOEXEC,
                Op.NO_SYMLINKS));
        if (newIpc) {
            ops.add(Op.mountFs("mqueue", "dev/mqueue", Map.of(), Op.NOSUID | Op.NODEV | Op.NOEXEC, Op.NO_SYMLINKS));
        }
    }
}
