// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * Something of the caller's that the sandbox sees at {@code destination}: an absolute path inside, resolved beneath
 * the sandbox's own root, so that no symbolic link planted there leads out. Mounted in the order given, nosuid and
 * nodev always. Immutable.
 *
 * @since 0.1
 */
public sealed interface Mount {
    /** Where it appears inside; absolute, without {@code .} or {@code ..}. */
    Path destination();

    /**
     * A file or folder of the host's, with all that is mounted below it.
     *
     * @param source absolute; must exist when the sandbox starts
     * @param destination where it appears inside
     * @param readOnly the whole tree, mounts below included
     */
    record Bind(Path source, Path destination, boolean readOnly) implements Mount {
        public Bind {
            source = Paths.absolute("mount source", source);
            destination = Paths.destination(destination);
        }
    }

    /**
     * An empty file system in memory, charged to the sandbox's memory limit.
     *
     * @param destination where it appears inside
     * @param size upper bound; 0 for the memory limit
     * @param mode permission bits of its root, 0 to 01777
     */
    record Tmpfs(Path destination, Size size, int mode) implements Mount {
        public Tmpfs {
            destination = Paths.destination(destination);
            Range.check("tmpfs mode", mode, 0, 01777);
        }
    }

    /**
     * Folders of the host's laid over one another, read-only below, with an upper layer in memory that is thrown away;
     * kernel documentation, filesystems/overlayfs.
     *
     * @param lower one or more folders, the topmost first
     * @param destination where they appear inside
     */
    record Overlay(List<Path> lower, Path destination) implements Mount {
        public Overlay {
            if (lower.isEmpty()) {
                throw new IllegalArgumentException("overlay on " + destination + " needs at least one lower folder");
            }
            lower = lower.stream()
                    .map(layer -> Paths.absolute("overlay lower", layer))
                    .toList();
            destination = Paths.destination(destination);
        }
    }
}
