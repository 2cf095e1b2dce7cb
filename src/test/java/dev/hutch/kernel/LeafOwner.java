// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JVM that stands in the very cgroup that it is to divide, as in a pod: says what came of it. */
final class LeafOwner {
    private LeafOwner() {}

    /** @param args whether it may move into a leaf */
    public static void main(String[] args) throws Exception {
        try (Hutch hutch = Hutch.builder()
                .cgroupParent(new CgroupParent.Self())
                .moveIntoLeaf(Boolean.parseBoolean(args[0]))
                .build()) {
            Sandbox box =
                    Sandbox.builder().context(hutch).memory(Size.mebibytes(64)).build();
            System.out.println(box.run("cat", "/sys/fs/cgroup/memory.max").out().strip());
            System.out.println(Files.readString(Path.of("/proc/self/cgroup")).strip());
        } catch (SandboxException e) {
            System.out.println(e.getMessage());
        }
    }
}
