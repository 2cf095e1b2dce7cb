// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** What a sandbox's walls are made of. @since 0.1 */
public enum Isolation {
    /** Namespaces, with a user namespace of the sandbox's own: a container. The default. */
    CONTAINER,

    /**
     * Landlock and a seccomp filter, without namespaces: for machines that refuse user namespaces. The program sees the host's
     * processes and the names of its files, and paths are the host's; it can open what the default view and the mounts
     * say, and has a folder of its own for HOME and TMPDIR. Network is none or the host's. As root it runs with an id that
     * no one else has, as a plain user with the caller's own: modes, times and attributes of the caller's files it can
     * change then. What has no equal, such as a root file system, is refused. Results list each wall that is missing.
     *
     * <p>Since Linux 5.13; signals are fenced off by the kernel since 6.12, before that by the filter, which lets through only
     * those to the own process group. landlock(7).
     */
    LANDLOCK
}
