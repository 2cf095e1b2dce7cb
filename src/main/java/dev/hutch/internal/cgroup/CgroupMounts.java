// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The control group hierarchies that this JVM sees, from /proc/self/mountinfo and /proc/self/cgroup. Immutable.
 *
 * @param v1 version 1's, by controller
 * @param unified version 2's
 */
public record CgroupMounts(Map<String, Hierarchy> v1, Optional<Hierarchy> unified) {
    private static final Set<String> CONTROLLERS =
            Set.of("memory", "cpu", "cpuacct", "pids", "blkio", "cpuset", "devices", "freezer", "net_cls", "net_prio");

    public CgroupMounts {
        v1 = Map.copyOf(v1);
    }

    public static CgroupMounts detect(KernelFiles files) throws KernelException {
        return parse(files.read("/proc/self/mountinfo"), files.read("/proc/self/cgroup"));
    }

    static CgroupMounts parse(String mountinfo, String ownCgroups) {
        Map<String, String> own = ownPaths(ownCgroups);
        Map<String, Hierarchy> v1 = new HashMap<>();
        Optional<Hierarchy> unified = Optional.empty();
        for (String line : cgroupLines(mountinfo)) {
            String[] before = line.substring(0, line.indexOf(" - ")).split(" ");
            String[] after = line.substring(line.indexOf(" - ") + 3).split(" ");
            String root = unescape(before[3]);
            String mountPoint = unescape(before[4]);
            if (after[0].equals("cgroup2")) {
                Hierarchy found = new Hierarchy(mountPoint, Set.of(), own(mountPoint, root, own.get("")));
                unified = Optional.of(unified.orElse(found));
                continue;
            }
            Set<String> controllers = new LinkedHashSet<>(List.of(after[after.length - 1].split(",")));
            controllers.retainAll(CONTROLLERS);
            for (String controller : controllers) {
                v1.putIfAbsent(
                        controller, new Hierarchy(mountPoint, controllers, own(mountPoint, root, own.get(controller))));
            }
        }
        return new CgroupMounts(v1, unified);
    }

    public CgroupVersion version() {
        if (v1.containsKey("memory") || v1.containsKey("pids") || v1.containsKey("cpu")) {
            return unified.isPresent() ? CgroupVersion.HYBRID : CgroupVersion.V1;
        }
        return unified.isPresent() ? CgroupVersion.V2 : CgroupVersion.NONE;
    }

    /** Mounts of other kinds may be thousands: they are passed over without being taken apart. */
    private static List<String> cgroupLines(String mountinfo) {
        List<String> lines = new ArrayList<>();
        int at = mountinfo.indexOf(" - cgroup");
        while (at >= 0) {
            int end = mountinfo.indexOf('\n', at);
            end = end < 0 ? mountinfo.length() : end;
            lines.add(mountinfo.substring(mountinfo.lastIndexOf('\n', at) + 1, end));
            at = mountinfo.indexOf(" - cgroup", end);
        }
        return lines;
    }

    /** Lines are {@code ID:CONTROLLERS:PATH}; version 2's has no controllers. */
    private static Map<String, String> ownPaths(String text) {
        Map<String, String> paths = new HashMap<>();
        for (String line : text.split("\n")) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3) {
                for (String controller : parts[1].split(",")) {
                    paths.put(controller, parts[2]);
                }
            }
        }
        return paths;
    }

    /**
     * In a container without a cgroup namespace the mount shows only the subtree {@code root}, while the JVM's path
     * still counts from the host's root. Where the two don't meet, the mount point is the best that can be named.
     */
    private static String own(String mountPoint, String root, @Nullable String path) {
        String prefix = root.equals("/") ? "" : root;
        if (path == null || path.startsWith("/..") || !(path + "/").startsWith(prefix + "/")) {
            return mountPoint;
        }
        String below = path.substring(prefix.length());
        return below.isEmpty() || below.equals("/") ? mountPoint : mountPoint + below;
    }

    /** Blanks and the like are written as a backslash and three octal digits; proc_pid_mountinfo(5). */
    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }
}
