// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where this machine has its cgroups, found without Hutch's own code: tests hold that against this.
 *
 * @param v1 controller to mount point
 * @param v2 the mount point of the unified hierarchy; on a hybrid machine one without controllers
 */
public record CgroupMachine(Map<String, Path> v1, Optional<Path> v2) {
    public static CgroupMachine here() {
        Map<String, Path> v1 = new LinkedHashMap<>();
        Optional<Path> v2 = Optional.empty();
        for (MountLine mount : HostState.mountinfo()) {
            if (mount.type().equals("cgroup2")) {
                v2 = Optional.of(Path.of(mount.mountPoint()));
            } else if (mount.type().equals("cgroup")) {
                mount.superOptions().forEach(option -> v1.put(option, Path.of(mount.mountPoint())));
            }
        }
        return new CgroupMachine(Map.copyOf(v1), v2);
    }

    /** Whether the limits are v1's here. */
    public boolean isV1() {
        return v1.containsKey("memory") && v1.containsKey("pids");
    }

    /** Mount points of every hierarchy. */
    public List<Path> mountPoints() {
        List<Path> all = new ArrayList<>(v1.values());
        v2.ifPresent(all::add);
        return all.stream().distinct().toList();
    }

    /** The directory of the cgroup that a process is in, for a controller. */
    public Path directory(String controller, long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup"))) {
            String[] parts = line.split(":", 3);
            boolean unified = parts[1].isEmpty() && !v1.containsKey(controller);
            if (unified || List.of(parts[1].split(",")).contains(controller)) {
                Path mount = unified ? v2.orElseThrow() : v1.get(controller);
                return Path.of(mount + parts[2]);
            }
        }
        throw new IOException("process " + pid + " is in no cgroup of " + controller);
    }

    /** A value of a cgroup that a process is in, such as {@code memory.max}. */
    public String value(String controller, long pid, String file) throws IOException {
        return Files.readString(directory(controller, pid).resolve(file)).strip();
    }

    /** Why no cgroup can be made here; empty where it can. */
    Optional<String> unwritable() {
        if (mountPoints().isEmpty()) {
            return Optional.of("no cgroup file system is mounted");
        }
        return PlainUser.isRoot() || Delegation.here().isPresent()
                ? Optional.empty()
                : Optional.of("no cgroup is delegated to this user");
    }
}
