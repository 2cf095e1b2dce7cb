// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the context, and a first container with every default, while the arguments are read. What goes wrong is told when it
 * is asked for in earnest.
 */
final class WarmUp {
    private final Thread thread = new Thread(this::run, "hutch-warm-up");
    private @Nullable Sandbox prepared;
    private boolean begun;

    /** Does nothing until then. */
    void begin() {
        begun = true;
        thread.start();
    }

    private void run() {
        try {
            Hutch.shared();
            Sandbox plain = Sandbox.builder().build();
            plain.prepare();
            prepared = plain;
        } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.DEBUG, "while warming up", e);
        }
    }

    /** The sandbox of all defaults, whose next launch is prepared; empty where there is none. Waits until that is known. */
    Optional<Sandbox> prepared() throws InterruptedException {
        join();
        return Optional.ofNullable(prepared);
    }

    /** Waits until all is done: cut short, it could leave the library's temporary file behind. */
    void join() throws InterruptedException {
        if (begun) {
            thread.join();
        }
    }
}
