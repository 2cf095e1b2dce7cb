// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.launch.Launcher;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.spec.Command;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The files of one call of a session: put in as the user inside, and fetched from the container while it runs, where a
 * workspace has its place.
 */
record SessionFiles(Launcher launcher, LiveChild host, Path folder, Command command) {
    static SessionFiles of(Place place, LiveChild host, Command command) {
        return new SessionFiles(place.hutch().launcher(), host, folder(place.spec()), command);
    }

    private static Path folder(SandboxSpec spec) {
        if (spec.rootfs() instanceof Rootfs.HostView) {
            return Path.of("/home/user");
        }
        if (spec.workspace() == null) {
            throw new IllegalArgumentException(
                    "a session in a root file system of its own has no place for a call's files: set a workspace,"
                            + " or use copyIn and copyOut");
        }
        return Path.of("/workspace");
    }

    void putIn() throws IOException {
        if (!command.files().isEmpty()) {
            launcher.putIn(host, folder, command.files());
        }
    }

    SandboxResult collect(SandboxResult result) throws IOException {
        return command.collects().isEmpty()
                ? result
                : result.withFiles(launcher.collect(host, folder, command.collects()));
    }
}
