// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Version 1: a directory in each hierarchy that is needed, {@code PARENT/hutch/JVM/CONTAINER}. Each directory costs a
 * launch some thirty microseconds to make, join and remove, so only those are made that limit or count something.
 */
final class CgroupV1 implements Cgroups {
    private static final int MODE = 0755;
    private static final String OWN_RULES = "-devices";
    /** What the OCI runtimes allow: null, zero, full, random, urandom, tty, ptmx and pseudo-terminals. */
    private static final List<String> USUAL_DEVICES = List.of(
            "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm");

    private final KernelFiles files;
    private final CgroupMounts mounts;
    private final JvmFolder jvm;
    private final Optional<CgroupParent> place;
    private final KeyedFile counters;
    private final V1Features features = new V1Features();
    /** Why a default place has no folder for a hierarchy: asked of the kernel once, told to every container. */
    private final Map<String, KernelException> refused = new ConcurrentHashMap<>();

    CgroupV1(KernelFiles files, CgroupMounts mounts, JvmFolder jvm, Optional<CgroupParent> place) {
        this.files = files;
        this.mounts = mounts;
        this.jvm = jvm;
        this.place = place;
        this.counters = new KeyedFile(files);
    }

    @Override
    public CgroupVersion version() {
        return mounts.version();
    }

    @Override
    public ContainerCgroup create(String name, Limits limits, CgroupOptions options) throws SandboxException {
        String directory = jvm.unique(name);
        Map<String, String> directories = new LinkedHashMap<>();
        Map<String, String> shared = new LinkedHashMap<>();
        Map<String, String> missing = new LinkedHashMap<>();
        V1Container container = new V1Container(
                files,
                mounts.v1(),
                counters,
                features,
                directories,
                shared,
                missing,
                new LimitWriter(files, options.strict()));
        try {
            for (String controller : wanted(limits, options)) {
                join(controller, directory, options, directories, missing);
            }
            if (!directories.containsKey("cpuset")) {
                shareCpuset(options, shared, missing);
            }
            if (options.kill() && mounts.unified().isPresent()) {
                Hierarchy unified = mounts.unified().get();
                try {
                    directories.put(V1Container.UNIFIED, make(unified, parent(unified, options), "", directory));
                } catch (KernelException refusal) {
                    throw refusal.withCure(
                            "a sandbox in the host's pid namespace is ended by its cgroup: run as root, or"
                                    + " name a writable parent cgroup");
                }
            }
            container.update(limits);
            if (needsOwnRules(options) && directories.containsKey("devices")) {
                allow(directories.get("devices"), options.devices().orElseThrow());
            }
            options.network().write(files, directories);
            return container;
        } catch (SandboxException failure) {
            undo(container, failure);
            throw failure;
        }
    }

    @Override
    public void close() throws SandboxException {
        jvm.close();
    }

    private List<String> wanted(Limits limits, CgroupOptions options) {
        List<String> controllers = new ArrayList<>(List.of("memory", "cpu", "cpuacct", "pids"));
        if (features.ioWeight() || !Collections.disjoint(limits.asked(), V1Features.IO)) {
            controllers.add("blkio");
        }
        if (!limits.cpusetCpus().isEmpty()) {
            controllers.add("cpuset");
        }
        if (options.devices().isPresent()) {
            controllers.add("devices");
        }
        if (options.freezer()) {
            controllers.add("freezer");
        }
        controllers.addAll(options.network().controllers());
        return controllers;
    }

    /**
     * Nobody asked for a cpuset, so the JVM's own serves all its containers: a JVM inside takes the host's memory for its
     * own unless it finds that controller too, and a directory for each container would cost every launch. Where it can't
     * be had nothing that was asked for is missing.
     */
    private void shareCpuset(CgroupOptions options, Map<String, String> shared, Map<String, String> missing)
            throws SandboxException {
        Hierarchy hierarchy = mounts.v1().get("cpuset");
        if (hierarchy == null || hierarchy.controllers().size() > 1 || refused.containsKey("cpuset")) {
            return;
        }
        try {
            shared.put("cpuset", jvmFolder(hierarchy, parent(hierarchy, options), ""));
        } catch (KernelException refusal) {
            if (isDefault(options)) {
                refused.put("cpuset", refusal);
            }
            missing.put("cpuset", refusal.getMessage());
        }
    }

    private void join(
            String controller,
            String name,
            CgroupOptions options,
            Map<String, String> directories,
            Map<String, String> missing)
            throws SandboxException {
        Hierarchy hierarchy = mounts.v1().get(controller);
        if (hierarchy == null) {
            missing.put(controller, "the " + controller + " controller is not mounted: see /proc/cgroups");
            return;
        }
        for (String sibling : hierarchy.controllers()) {
            if (directories.containsKey(sibling)) {
                directories.put(controller, directories.get(sibling));
                return;
            }
        }
        String suffix = controller.equals("devices") && needsOwnRules(options) ? OWN_RULES : "";
        try {
            KernelException before = refused.get(controller);
            if (before != null && isDefault(options)) {
                throw before;
            }
            directories.put(controller, make(hierarchy, parent(hierarchy, options), suffix, name));
        } catch (KernelException refusal) {
            if (!isDefault(options) || !forbidden(refusal)) {
                throw refusal.withCure("the parent cgroup must exist under each controller and be writable");
            }
            refused.put(controller, refusal);
            missing.put(controller, refusal.getMessage() + ": run as root, or name a writable parent cgroup");
        }
    }

    private String make(Hierarchy hierarchy, String parent, String suffix, String name) throws SandboxException {
        String folder = jvmFolder(hierarchy, parent, suffix) + "/" + name;
        files.mkdir(folder, MODE);
        return folder;
    }

    private String jvmFolder(Hierarchy hierarchy, String parent, String suffix) throws SandboxException {
        return jvm.below(parent, suffix, (top, made) -> prepare(hierarchy, parent, suffix, top, made));
    }

    private String parent(Hierarchy hierarchy, CgroupOptions options) {
        CgroupParent parent = (options.parent().isPresent() ? options.parent() : place).orElse(null);
        if (parent instanceof CgroupParent.Self) {
            return hierarchy.own();
        }
        return parent instanceof CgroupParent.Below below && below.path().getNameCount() > 0
                ? hierarchy.mountPoint() + below.path()
                : hierarchy.mountPoint();
    }

    private boolean isDefault(CgroupOptions options) {
        return options.parent().isEmpty() && place.isEmpty();
    }

    private static boolean forbidden(KernelException refusal) {
        return refusal.is(Errno.EACCES) || refusal.is(Errno.EPERM) || refusal.is(Errno.EROFS);
    }

    /** Rules are only ever narrowed from parent to child, so devices of one container need a parent that has all. */
    private static boolean needsOwnRules(CgroupOptions options) {
        return options.devices().isPresent() && !options.devices().get().isEmpty();
    }

    private void prepare(Hierarchy hierarchy, String parent, String suffix, String top, String folder)
            throws SandboxException {
        if (hierarchy.controllers().contains("cpuset")) {
            // A new cpuset is empty and nothing can join it; on version 1 nothing is inherited.
            V1Cpuset.inherit(files, parent, top);
            V1Cpuset.inherit(files, top, folder);
        }
        if (hierarchy.controllers().contains("devices") && suffix.isEmpty()) {
            // Children copy their parent's rules: written here, they cost a container nothing.
            allow(folder, List.of());
        }
    }

    private void allow(String directory, List<Device> asked) throws SandboxException {
        files.write(directory + "/devices.deny", "a");
        for (String rule : USUAL_DEVICES) {
            files.write(directory + "/devices.allow", rule);
        }
        for (Device device : asked) {
            DeviceNumber number = DeviceNumber.of(device.host());
            files.write(
                    directory + "/devices.allow", number.kind() + " " + number + (device.readOnly() ? " r" : " rw"));
        }
    }

    private static void undo(V1Container container, SandboxException failure) {
        try {
            container.remove();
        } catch (SandboxException second) {
            failure.addSuppressed(second);
        }
    }
}
