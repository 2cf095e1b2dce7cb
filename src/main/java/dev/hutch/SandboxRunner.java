// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;

/**
 * What carries out a sandbox's runs in place of Hutch's containers: a seam for tests, on any operating system. Thread-safe,
 * as {@link Sandbox} is.
 *
 * @since 0.1
 */
public interface SandboxRunner {
    /**
     * Answers {@link Sandbox#run(Command)}.
     *
     * @throws SandboxException if the command could not be started
     */
    SandboxResult run(SandboxSpec spec, Command command) throws IOException, InterruptedException;

    /**
     * Answers {@link Sandbox#start(Command)}.
     *
     * @throws SandboxException if the command could not be started
     */
    SandboxProcess start(SandboxSpec spec, Command command) throws IOException;

    /**
     * Whether a {@link SandboxSession} may be had, each of whose calls is answered by the two methods above; default false:
     * only who keeps what one command leaves for the next should say so, or a fake that says what they find.
     */
    default boolean hasSessions() {
        return false;
    }
}
