// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/** Where a sandbox's cgroup is made. @since 0.1 */
public sealed interface CgroupParent {
    /** Below the cgroup that this JVM runs in, so that a service's or pod's limits hold. */
    record Self() implements CgroupParent {}

    /**
     * A directory of the hierarchy, the same under each controller on cgroup v1.
     *
     * @param path absolute, as seen from the hierarchy's root, such as {@code /builds}
     */
    record Below(Path path) implements CgroupParent {
        public Below {
            path = Paths.absolute("cgroup parent", path);
        }
    }

    /** Reads {@code self} or an absolute path. */
    static CgroupParent parse(String text) {
        return text.equals("self") ? new Self() : new Below(Path.of(text));
    }
}
