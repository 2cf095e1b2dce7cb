// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.net;

import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;

/** Connects containers to the networks that their specs ask for. One per context. Thread-safe. */
public interface Attacher extends AutoCloseable {
    /** Whom to connect. */
    record Target(SandboxSpec spec, String hostname) {}

    /**
     * Refuses what can't be had, before anything is made, and answers with the namespace that the container is to be cloned
     * in: a descriptor that the caller closes, -1 for a new one or the host's.
     */
    int namespace(SandboxSpec spec) throws SandboxException;

    /** Takes a place for it, which {@link Attachment#connect} leads to; nothing is left of that if it fails. */
    Attachment attach(Target target) throws SandboxException;

    /**
     * Makes the network of a container that runs known to others by a name.
     *
     * @param pid one of its processes
     * @param netns its network namespace; the caller closes it
     * @param attachment what it is attached to
     */
    default Attachment share(String name, int pid, int netns, Attachment attachment) throws SandboxException {
        return Attachment.NONE;
    }

    /** When all attachments are closed. */
    @Override
    void close() throws SandboxException;
}
