// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What /sys/fs/cgroup shows inside: the container's own cgroup as the root of each hierarchy, read-only. A JVM inside
 * reads its limits there, and takes the host's memory for its own where it finds none.
 *
 * @param unified whether cgroup v2 is mounted
 * @param hierarchies v1: the controllers of each hierarchy that the container has joined, such as {@code cpu,cpuacct}
 */
public record CgroupView(boolean unified, List<String> hierarchies) {
    public static final CgroupView NONE = new CgroupView(false, List.of());

    void mount(List<Op> ops, Folders folders) {
        long sealed = Op.RDONLY | Op.NOSUID | Op.NODEV | Op.NOEXEC;
        if (unified) {
            ops.add(Op.mountFs("cgroup2", "sys/fs/cgroup", Map.of(), sealed, Op.NO_SYMLINKS));
        }
        for (String controllers : hierarchies) {
            Map<String, String> options = new LinkedHashMap<>();
            for (String controller : controllers.split(",")) {
                options.put(controller, "");
            }
            folders.make("sys/fs/cgroup/" + controllers);
            ops.add(Op.mountFs("cgroup", "sys/fs/cgroup/" + controllers, options, sealed, Op.NO_SYMLINKS));
            if (options.size() > 1) {
                // As service managers have it: programs look for a controller by its own name.
                options.keySet().forEach(each -> ops.add(Op.symlink("sys/fs/cgroup", each, controllers)));
            }
        }
    }
}
