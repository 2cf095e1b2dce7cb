// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.spec.SandboxException;

/** A container that was made before it was asked for. Taken or discarded, once. */
interface Prepared {
    /** Whether it still waits; it is discarded where it has ended. */
    boolean usable() throws SandboxException;

    /** Leaves nothing of it, and waits until that is so. */
    void discard() throws SandboxException;

    /** For one that ends with its zygote: nobody waits for it. */
    void letGo();
}
