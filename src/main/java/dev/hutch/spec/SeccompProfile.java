// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/**
 * Which system calls the program may make; seccomp(2). Immutable.
 *
 * @since 0.1
 */
public sealed interface SeccompProfile {
    /** Hutch's own: at least what Docker's default denies, and what the classic 500-line container does. */
    record Default() implements SeccompProfile {}

    /** No filter at all. */
    record Unconfined() implements SeccompProfile {}

    /**
     * A profile in the OCI runtime specification's or Docker's JSON.
     *
     * @param path absolute; read when the sandbox is built
     */
    record File(Path path) implements SeccompProfile {
        public File {
            path = Paths.absolute("seccomp profile", path);
        }
    }
}
