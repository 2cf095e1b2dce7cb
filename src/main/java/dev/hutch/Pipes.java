// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.stdio.Feed;
import dev.hutch.internal.stdio.Window;
import dev.hutch.spec.Command;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Stdio;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The three standard streams of one sandbox: the ends that it gets, and ours. Whoever holds this closes both; ends that
 * were taken belong to the taker.
 */
final class Pipes implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int WRITABLE_BY_OTHERS = 0022;

    private final Kernel kernel;
    private final int[] theirs = {-1, -1, -1};
    private final int[] ours = {-1, -1, -1};
    private final boolean[] made = new boolean[3];
    private boolean terminal;
    private int window = -1;
    private int source = -1;

    private Pipes(Kernel kernel) {
        this.kernel = kernel;
    }

    /** @param input {@link Stdio#PIPE} for a pipe that we write to */
    static Pipes open(Hutch hutch, SandboxSpec spec, Stdio input, boolean mergeError) throws IOException {
        Kernel kernel = hutch.kernel();
        Pipes pipes = new Pipes(kernel);
        try {
            pipes.input(hutch, spec, input);
            pipes.set(1, kernel.pipe(), 1, 0);
            if (mergeError) {
                pipes.theirs[2] = kernel.dup(pipes.theirs[1]);
            } else {
                pipes.set(2, kernel.pipe(), 1, 0);
            }
            return pipes;
        } catch (IOException | RuntimeException e) {
            pipes.close();
            throw e;
        }
    }

    /** The streams, or the terminal, that the command asks for; {@code stdin} where it has no terminal. */
    static Pipes of(Hutch hutch, SandboxSpec spec, Command command, Stdio stdin) throws IOException {
        if (command.terminal().isEmpty()) {
            return open(hutch, spec, stdin, command.mergeError());
        }
        Kernel kernel = hutch.kernel();
        Pipes pipes = terminal(kernel);
        try {
            Window.resize(kernel, pipes.output(), command.terminal().get());
            pipes.window = kernel.dup(pipes.output());
            return pipes;
        } catch (KernelException e) {
            pipes.close();
            throw e;
        }
    }

    /** A pseudo-terminal of the sandbox's own as all three; our end is read as standard output. */
    static Pipes terminal(Kernel kernel) throws KernelException {
        Pipes pipes = new Pipes(kernel);
        try {
            pipes.terminal = true;
            pipes.ours[1] = kernel.openPtyMaster();
            pipes.ours[0] = kernel.dup(pipes.ours[1]);
            pipes.theirs[0] = kernel.ptyPeer(pipes.ours[1]);
            pipes.theirs[1] = kernel.dup(pipes.theirs[0]);
            pipes.theirs[2] = kernel.dup(pipes.theirs[0]);
            pipes.made[0] = true;
            kernel.nonBlocking(pipes.ours[1], true);
            return pipes;
        } catch (KernelException e) {
            pipes.close();
            throw e;
        }
    }

    private void input(Hutch hutch, SandboxSpec spec, Stdio input) throws IOException {
        if (input instanceof Stdio.Pipe) {
            set(0, kernel.pipe(), 0, 1);
        } else if (input instanceof Stdio.File file) {
            handIn(
                    hutch.launcher().openFile(spec, file.path(), 0, 0),
                    file.path().toString());
        } else if (input instanceof Stdio.Inherit && !kernel.isTerminal(0)) {
            handIn(kernel.dup(0), "standard input");
        } else {
            theirs[0] = kernel.open("/dev/null", O_RDWR, 0);
        }
    }

    /**
     * An open folder of the host's would lead out of any root (CVE-2024-21626). A file can be opened again, for writing,
     * by /proc/self/fd/0: only one that nobody but root may write is handed in, others are read here.
     */
    private void handIn(int fd, String name) throws SandboxException {
        theirs[0] = fd;
        Kernel.Stat stat = kernel.fstat(fd);
        if (stat.isFolder()) {
            throw new SandboxException(
                    "standard input", name, Errno.EISDIR, "a folder of the host's is never handed in");
        }
        boolean rootsAlone = stat.uid() == 0 && (stat.mode() & WRITABLE_BY_OTHERS) == 0;
        if (!rootsAlone && (stat.isRegularFile() || stat.isBlockDevice())) {
            source = fd;
            theirs[0] = -1;
            set(0, kernel.pipe(), 0, 1);
        }
    }

    private void set(int stream, int[] pipe, int inside, int outside) throws KernelException {
        theirs[stream] = pipe[inside];
        ours[stream] = pipe[outside];
        made[stream] = true;
        kernel.nonBlocking(ours[stream], true);
    }

    /**
     * What the other writes is this one's input: the pipe between them is the kernel's alone. It belongs to who reads it,
     * since it has one owner only.
     */
    void readFrom(Pipes other) throws KernelException {
        kernel.nonBlocking(other.ours[1], false);
        drop(theirs, 0);
        drop(ours, 0);
        theirs[0] = other.take(1);
        other.made[1] = false;
    }

    int[] theirs() {
        return theirs.clone();
    }

    /** Which of the sandbox's ends were made for it, and are to belong to the user inside. */
    boolean[] made() {
        return made.clone();
    }

    /** Whether stream 0 is to be the controlling terminal. */
    boolean isTerminal() {
        return terminal;
    }

    /** The sandbox has its ends now: ours would keep the pipes from ever ending. */
    void launched() {
        for (int i = 0; i < 3; i++) {
            drop(theirs, i);
        }
    }

    int output() {
        return ours[1];
    }

    int error() {
        return ours[2];
    }

    /** Writes the caller's file into the sandbox's standard input; null where there is none to be written. */
    @Nullable
    Feed fileFeed() {
        if (source < 0) {
            return null;
        }
        Feed feed = Feed.fromFile(kernel, takeInput(), source);
        source = -1;
        return feed;
    }

    /** The terminal's, for who closes it; null where there is none. */
    @Nullable
    Window takeWindow(Kernel kernel) {
        if (window < 0) {
            return null;
        }
        Window taken = new Window(kernel, window);
        window = -1;
        return taken;
    }

    int takeInput() {
        return take(0);
    }

    int take(int stream) {
        int fd = ours[stream];
        ours[stream] = -1;
        return fd;
    }

    /** Nobody wants stream {@code i} any more: whoever writes to it gets SIGPIPE. */
    void hangUp(int i) {
        drop(ours, i);
    }

    private void drop(int[] ends, int i) {
        if (ends[i] >= 0) {
            kernel.close(ends[i]);
            ends[i] = -1;
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < 3; i++) {
            drop(theirs, i);
            drop(ours, i);
        }
        source = closed(source);
        window = closed(window);
    }

    private int closed(int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
        return -1;
    }
}
