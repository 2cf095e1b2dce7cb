// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.spec.SandboxException;

/** This JVM's name among others, and where it says which directories it makes. */
interface JvmRecord {
    /** Unique for ever: a name that was used by a JVM that died is never given again. */
    String name() throws SandboxException;

    /** Writes down a directory before it is made, so that no crash leaves one that nobody knows of. */
    void record(String directory) throws SandboxException;

    /** Nothing is left that another JVM might have to remove. */
    void close() throws SandboxException;
}
