// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;

/** Where a sandbox's host ids come from, and how its maps are written. Thread-safe. */
public interface IdSource extends AutoCloseable {
    /** Takes ids for one sandbox. */
    Ids take(SandboxSpec spec) throws SandboxException;

    /** Its processes and mounts are gone: the ids may serve another. */
    void giveBack(Ids ids);

    /** Writes the maps of a process that waits for them. */
    void write(int pid, Ids ids) throws SandboxException;

    /** No sandbox uses any of its ids by then. */
    @Override
    void close();
}
