// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.files.Collect;
import dev.hutch.internal.files.Deliver;
import dev.hutch.internal.files.ThrowAway;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files of one run: they live in the sandbox's workspace, or, where it has none, in a folder that is its workspace
 * for this run and goes with it.
 */
final class CallFiles implements AutoCloseable {
    private final Kernel kernel;
    private final SandboxSpec spec;
    private final Command command;
    private final Path workspace;
    private final @Nullable ThrowAway own;

    private CallFiles(Kernel kernel, SandboxSpec spec, Command command, Path workspace, @Nullable ThrowAway own) {
        this.kernel = kernel;
        this.spec = spec;
        this.command = command;
        this.workspace = workspace;
        this.own = own;
    }

    static boolean concern(Command command) {
        return !command.files().isEmpty() || !command.collects().isEmpty();
    }

    /** Puts the files in. */
    static CallFiles open(Hutch hutch, SandboxSpec spec, Command command) throws SandboxException {
        Kernel kernel = hutch.kernel();
        CallFiles files = spec.workspace() == null
                ? inOwnFolder(hutch, spec, command)
                : new CallFiles(kernel, spec, command, spec.workspace(), null);
        try {
            Deliver.into(kernel, files.workspace, command.files());
            return files;
        } catch (SandboxException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    private static CallFiles inOwnFolder(Hutch hutch, SandboxSpec spec, Command command) throws SandboxException {
        ThrowAway own = hutch.throwAways().make();
        Path folder = own.folder();
        return new CallFiles(
                hutch.kernel(), Sandbox.of(spec).workspace(folder).build().spec(), command, folder, own);
    }

    /** The sandbox to run the command in. */
    SandboxSpec spec() {
        return spec;
    }

    /** Fetches what the command left; the container is gone. */
    SandboxResult collect(SandboxResult result) throws SandboxException {
        return result.withFiles(Collect.from(kernel, workspace, command.collects()));
    }

    @Override
    public void close() throws SandboxException {
        if (own != null) {
            own.close();
        }
    }
}
