// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import java.util.Map;
import java.util.Optional;

/** Makes the control groups of one context's containers. Thread-safe. */
public interface Cgroups extends AutoCloseable {
    CgroupVersion version();

    /**
     * Makes a container's cgroup with its limits. Nothing stays if it fails.
     *
     * @param name what the directory is called, with a number behind it; need not be unique
     * @throws SandboxException if a limit that was asked for can't be enforced, or any at all where that is strict
     */
    ContainerCgroup create(String name, Limits limits, CgroupOptions options) throws SandboxException;

    /** Removes this JVM's own directories; its containers' must be gone. */
    @Override
    void close() throws SandboxException;

    /**
     * Looks at the machine once; makes nothing yet.
     *
     * @param parent where containers' cgroups are made; empty for {@code hutch} at the top of what may be written
     * @param moveIntoLeaf whether this JVM may be moved into a cgroup of its own below the one it runs in, so that
     *     version 2 allows siblings with limits there
     */
    static Cgroups open(
            Kernel kernel, Map<String, String> environment, Optional<CgroupParent> parent, boolean moveIntoLeaf)
            throws SandboxException {
        CgroupMounts mounts = CgroupMounts.detect(kernel);
        JvmFolder jvm = new JvmFolder(kernel, new JvmLock(kernel, environment));
        return mounts.version() == CgroupVersion.V1 || mounts.version() == CgroupVersion.HYBRID
                ? new CgroupV1(kernel, mounts, jvm, parent)
                : new CgroupV2(kernel, mounts, jvm, parent, moveIntoLeaf);
    }
}
