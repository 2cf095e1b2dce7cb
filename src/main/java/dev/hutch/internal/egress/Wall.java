// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxException;
import java.util.List;

/** What stands around one container in the kernel. Thread-safe. */
interface Wall extends AutoCloseable {
    /** From now on these and no others are open; all at once, or an error and nothing is changed. */
    void open(Openings openings) throws SandboxException;

    /** What was sent and turned back so far, by address; a bounded number of them. */
    List<Refusal> turnedBack() throws SandboxException;

    /** It stands as it is, and can't be changed any more. */
    @Override
    void close();
}
