// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.spec.Command;
import dev.hutch.spec.InteractionResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Two programs that speak to each other, each in a sandbox of its own: what one writes to its standard output the other
 * reads from its standard input. An interactor and a solution, or two players.
 *
 * <pre>{@code
 * InteractionResult game = Interaction.between(judgeBox, judge, box, solution)
 *         .transcript(Size.kibibytes(64))
 *         .run();
 * game.first().outcome();
 * }</pre>
 *
 * <p>They are joined by two pipes of the kernel's; with a transcript, or where a sandbox has an output limit, Hutch carries
 * and counts what is said. Either way ends and deaths pass on as with pipe(7): whose partner has closed its output, or has
 * ended, reads end of file; who writes to one that reads no more gets SIGPIPE. Each keeps its own limits and deadlines, and
 * goes on without the other until its own end: give both a wall time, or one that waits for ever does so. Standard errors go
 * where the commands say. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class Interaction {
    private final Party first;
    private final Party second;
    private final @Nullable Size bound;

    /** A sandbox and what runs in it. */
    record Party(Sandbox sandbox, Command command) {
        Party {
            boolean ownInput = command.stdin() instanceof Stdio.Pipe && command.input().length == 0;
            boolean ownOutput = command.stdout() instanceof Stdio.Pipe
                    && command.stdoutLine().isEmpty();
            if (!ownInput || !ownOutput || command.terminal().isPresent()) {
                throw new IllegalArgumentException("the standard input and output of '" + command
                        + "' are its partner's: nothing else can be said of them (a transcript tells what passed)");
            }
        }
    }

    private Interaction(Party first, Party second, @Nullable Size bound) {
        this.first = first;
        this.second = second;
        this.bound = bound;
    }

    /**
     * Of these two, in containers of their own also where the sandbox is the same.
     *
     * @throws IllegalArgumentException if a command says what becomes of its standard input or output
     */
    public static Interaction between(Sandbox first, Command firstCommand, Sandbox second, Command secondCommand) {
        return new Interaction(new Party(first, firstCommand), new Party(second, secondCommand), null);
    }

    /**
     * The same, with a transcript of up to so many bytes, from the beginning; 1 byte to 512 MiB. Without one a program
     * whose sandbox has ids of its own can't open {@code /dev/stdout} anew: the pipe belongs to who reads it.
     */
    public Interaction transcript(Size most) {
        if (most.bytes() < 1 || most.bytes() > 512L << 20) {
            throw new IllegalArgumentException("transcript is " + most.bytes() + " bytes, must be 1 to 536870912");
        }
        return new Interaction(first, second, most);
    }

    /**
     * Runs both to their ends.
     *
     * @throws dev.hutch.spec.SandboxException if one could not be started, or its errors not be delivered; the other is
     *     ended first
     * @throws InterruptedException if the thread is interrupted; both are ended and removed first
     * @throws UnsupportedOperationException if something else than Hutch's containers runs a sandbox's commands
     */
    public InteractionResult run() throws IOException, InterruptedException {
        return Interacting.run(first, second, bound);
    }

    /** As {@link #run}, in a thread of its own. Whatever ends the future before both have ended, ends both. */
    public CompletableFuture<InteractionResult> runAsync() {
        return AsyncRun.start(this::run);
    }
}
