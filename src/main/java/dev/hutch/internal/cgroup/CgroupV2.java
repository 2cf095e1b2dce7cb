// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Version 2: one directory a container, {@code PARENT/hutch/JVM/CONTAINER}. Also serves where no cgroup file system is
 * mounted or none may be written: containers are then made without limits, as far as none was asked for.
 */
final class CgroupV2 implements Cgroups {
    private static final int MODE = 0755;

    private final KernelFiles files;
    private final CgroupMounts mounts;
    private final JvmFolder jvm;
    private final Optional<CgroupParent> place;
    private final KeyedFile counters;
    private final V2Delegation delegation;
    private final Map<Optional<CgroupParent>, V2Place> places = new HashMap<>();

    CgroupV2(
            KernelFiles files, CgroupMounts mounts, JvmFolder jvm, Optional<CgroupParent> place, boolean moveIntoLeaf) {
        this.files = files;
        this.mounts = mounts;
        this.jvm = jvm;
        this.place = place;
        this.counters = new KeyedFile(files);
        this.delegation = new V2Delegation(files, jvm, moveIntoLeaf);
    }

    @Override
    public CgroupVersion version() {
        return mounts.version();
    }

    @Override
    public ContainerCgroup create(String name, Limits limits, CgroupOptions options) throws SandboxException {
        for (String controller : options.network().controllers()) {
            throw NetworkClass.missing(controller);
        }
        V2Place below = place(
                options.parent().isPresent() ? options.parent() : place,
                !limits.cpusetCpus().isEmpty());
        LimitWriter writer = new LimitWriter(files, options.strict());
        String directory = below.folder().isEmpty() ? "" : below.folder() + "/" + jvm.unique(name);
        V2Container container = new V2Container(files, counters, directory, below, writer);
        if (!directory.isEmpty()) {
            files.mkdir(directory, MODE);
        }
        try {
            container.update(limits);
            if (options.oomGroup() && !directory.isEmpty()) {
                files.write(directory + "/memory.oom.group", "1");
            }
            return container;
        } catch (SandboxException failure) {
            try {
                container.remove();
            } catch (SandboxException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    @Override
    public void close() throws SandboxException {
        jvm.close();
    }

    private synchronized V2Place place(Optional<CgroupParent> parent, boolean cpuset) throws SandboxException {
        V2Place known = places.get(parent);
        if (known == null || (cpuset && !known.controllers().contains("cpuset"))) {
            if (mounts.unified().isEmpty()) {
                return new V2Place("", Set.of(), "no cgroup file system is mounted: see cgroups(7)");
            }
            known = delegation.place(mounts.unified().get(), parent, cpuset);
            places.put(parent, known);
        }
        return known;
    }
}
