// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.HostReport.Finding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which control groups this machine has mounted, with which controllers. Reads only. */
public final class CgroupProbe {
    private static final Map<String, String> CURES = Map.of(
            "memory", "boot with cgroup_enable=memory swapaccount=1, or a kernel with CONFIG_MEMCG",
            "pids", "a kernel with CONFIG_CGROUP_PIDS",
            "cpu", "a kernel with CONFIG_CGROUP_SCHED");

    private final KernelFiles files;

    public CgroupProbe(KernelFiles files) {
        this.files = files;
    }

    public List<Finding> findings() throws KernelException {
        CgroupMounts mounts = CgroupMounts.detect(files);
        List<Finding> findings = new ArrayList<>();
        if (mounts.version() == CgroupVersion.NONE) {
            findings.add(Finding.bad(
                    "cgroups", "no cgroup file system is mounted: no limits", "mount -t cgroup2 none /sys/fs/cgroup"));
            return findings;
        }
        findings.add(Finding.good(
                "cgroups",
                switch (mounts.version()) {
                    case V1 -> "version 1";
                    case HYBRID -> "version 1, and version 2 beside it";
                    default -> "version 2";
                }));
        Set<String> controllers = controllers(mounts);
        for (String controller : List.of("memory", "cpu", "pids", "io", "cpuset")) {
            boolean there = controllers.contains(controller);
            findings.add(
                    there
                            ? Finding.good(controller + " controller", "")
                            : Finding.bad(
                                    controller + " controller",
                                    "compiled out, switched off or not mounted: see /proc/cgroups",
                                    CURES.getOrDefault(controller, "")));
        }
        return findings;
    }

    private Set<String> controllers(CgroupMounts mounts) throws KernelException {
        if (mounts.version() == CgroupVersion.V2) {
            String own = mounts.unified().orElseThrow().mountPoint() + "/cgroup.controllers";
            return Arrays.stream(files.read(own).strip().split(" ")).collect(Collectors.toSet());
        }
        return mounts.v1().keySet().stream()
                .map(name -> name.equals("blkio") ? "io" : name)
                .collect(Collectors.toSet());
    }
}
