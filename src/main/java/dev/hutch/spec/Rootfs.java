// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/** What the sandbox sees as {@code /}. @since 0.1 */
public sealed interface Rootfs {
    /**
     * A read-only view of the host's programs (/usr, /bin, /lib and the files of /etc that they need), with private
     * /tmp, /dev, /proc and home. The default.
     */
    record HostView() implements Rootfs {}

    /**
     * A folder that holds a root file system.
     *
     * @param path absolute; a directory
     * @param readOnly whether the sandbox may not change it
     * @param ephemeral whether changes go to a layer in memory that is thrown away
     */
    record Directory(Path path, boolean readOnly, boolean ephemeral) implements Rootfs {
        public Directory {
            path = Paths.absolute("rootfs", path);
            if (readOnly && ephemeral) {
                throw new IllegalArgumentException("a rootfs is either readOnly or ephemeral");
            }
        }
    }
}
