// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a command runs: in a container of its own, or in one that runs.
 *
 * @param spec the command's walls and deadlines
 * @param host the own command of the container that runs; null for a new one
 */
record Place(Hutch hutch, SandboxSpec spec, @Nullable LiveChild host) {
    static Place ofItsOwn(Hutch hutch, SandboxSpec spec) {
        return new Place(hutch, spec, null);
    }

    Kernel kernel() {
        return hutch.kernel();
    }

    /** Starts it with these standard streams. */
    Started start(Command command, Pipes pipes) throws IOException {
        return host == null
                ? Started.launch(hutch, spec, command, pipes)
                : Started.join(hutch, host, spec, command, pipes);
    }
}
