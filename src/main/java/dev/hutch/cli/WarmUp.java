// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the context while the arguments are read and, where there is no option among them, the container too. What goes wrong
 * is told when it is asked for in earnest.
 */
final class WarmUp {
    private @Nullable Thread thread;
    private @Nullable Sandbox prepared;

    /** @param words what comes after {@code hutch run}, and is not empty */
    void begin(List<String> words) {
        if (words.contains(RunOptions.MOVE_INTO_LEAF)) {
            // It moves before anything of its own is anywhere else.
            return;
        }
        String first = words.get(0);
        boolean plain = !first.startsWith("-") || first.equals("--") || first.equals("-c");
        thread = new Thread(() -> run(plain), "hutch-warm-up");
        thread.start();
    }

    private void run(boolean plain) {
        try {
            Hutch.shared();
            if (plain) {
                Sandbox usual = Sandbox.builder().build();
                usual.prepare();
                prepared = usual;
            }
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
        if (thread != null) {
            thread.join();
        }
    }
}
