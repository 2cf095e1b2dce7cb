// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import dev.hutch.spec.Rootfs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * /etc/hosts and /etc/resolv.conf in a root of the caller's. Under a layer in memory they are written; a folder is left as
 * it is, and read-only files are mounted over what is there. A symbolic link of the root's leads neither anywhere else.
 */
final class NetworkFiles {
    private static final long SEALED = Op.RDONLY | Op.NOSUID | Op.NODEV | Op.NOEXEC;
    private static final String ETC = "etc";

    private NetworkFiles() {}

    /** Before /tmp is mounted, which covers where the files are staged. */
    static void mount(List<Op> ops, Launch launch, Folders folders) {
        Attached network = launch.network();
        if (!launch.isAttached() || !(launch.spec().rootfs() instanceof Rootfs.Directory directory)) {
            return;
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("hosts", Op.bytes(network.hostsFile(launch.hostname())));
        if (network.resolvConf() != null) {
            files.put("resolv.conf", Op.bytes(network.resolvConf()));
        }
        folders.make(ETC);
        if (directory.ephemeral()) {
            files.forEach(
                    (name, content) -> ops.add(Op.writeFile(ETC, name, content, 0644, Op.REPLACE | Op.NO_SYMLINKS)));
        } else {
            stage(ops, files);
        }
    }

    private static void stage(List<Op> ops, Map<String, byte[]> files) {
        ops.add(Op.mountFs("tmpfs", "tmp", Map.of("mode", "755", "size", "1m"), SEALED & ~Op.RDONLY, 0));
        files.forEach((name, content) -> {
            ops.add(Op.writeFile("tmp", name, content, 0644, 0));
            ops.add(Op.writeFile(ETC, name, new byte[0], 0644, Op.MAY_EXIST | Op.NO_SYMLINKS));
            ops.add(Op.mountTree("tmp/" + name, ETC + "/" + name, SEALED, Op.SOURCE_IN_ROOT | Op.NO_SYMLINKS));
        });
    }
}
