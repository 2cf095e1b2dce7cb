// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Priority and class of packets, by version 1's net_prio and net_cls: they know the host's own network namespace and no
 * other. 0 for neither.
 *
 * @param priority on each interface that the host has when the container is made
 * @param classId as tc has it, {@code MAJOR << 16 | MINOR}
 */
public record NetworkClass(int priority, int classId) {
    public static final NetworkClass NONE = new NetworkClass(0, 0);

    private static final String PRIORITY = "net_prio";
    private static final String CLASS = "net_cls";

    List<String> controllers() {
        List<String> controllers = new ArrayList<>();
        if (priority != 0) {
            controllers.add(PRIORITY);
        }
        if (classId != 0) {
            controllers.add(CLASS);
        }
        return controllers;
    }

    /**
     * Into the container's directories.
     *
     * @throws SandboxException if one of the controllers isn't there: it was asked for
     */
    void write(KernelFiles files, Map<String, String> directories) throws SandboxException {
        for (String controller : controllers()) {
            if (!directories.containsKey(controller)) {
                throw missing(controller);
            }
        }
        if (priority != 0) {
            String map = directories.get(PRIORITY) + "/net_prio.ifpriomap";
            for (String line : files.read(map).lines().toList()) {
                files.write(map, line.split(" ")[0] + " " + priority);
            }
        }
        if (classId != 0) {
            files.write(directories.get(CLASS) + "/net_cls.classid", Integer.toString(classId));
        }
    }

    /** Nobody has mounted it, or this user may not make directories there. */
    static SandboxException missing(String controller) {
        return new SandboxException(
                "use",
                "cgroup controller " + controller,
                null,
                "classes of packets need it on version 1: mount -t cgroup -o " + controller + " " + controller
                        + " /sys/fs/cgroup/" + controller + " as root; or take a bridge network, which needs none");
    }
}
