// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What goes into a sandbox's standard input: bytes at hand, or another descriptor's. Owns the pipe's write end, which is
 * non-blocking.
 */
public final class Feed implements AutoCloseable {
    private final Kernel kernel;
    private int source;
    private int owned = -1;
    private final boolean terminal;
    private byte lastTyped = '\n';
    private final ByteBuffer buffer;
    private int pipe;
    private int at;
    private int end;

    private Feed(Kernel kernel, boolean terminal, int pipe, int source, ByteBuffer buffer, int end) {
        this.kernel = kernel;
        this.terminal = terminal;
        this.pipe = pipe;
        this.source = source;
        this.buffer = buffer;
        this.end = end;
    }

    /** The bytes, then end of file. */
    public static Feed of(Kernel kernel, int pipe, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(1, bytes.length)).put(0, bytes);
        return new Feed(kernel, false, pipe, -1, buffer, bytes.length);
    }

    /** The bytes, then the character that is end of file at a terminal, since that can't be closed. */
    public static Feed ofTyped(Kernel kernel, int master, byte[] bytes) {
        byte[] end = Keyboard.end(bytes.length == 0 ? (byte) '\n' : bytes[bytes.length - 1]);
        byte[] all = Arrays.copyOf(bytes, bytes.length + end.length);
        System.arraycopy(end, 0, all, bytes.length, end.length);
        return of(kernel, master, all);
    }

    /** What can be read from {@code source}, a descriptor of the caller's, until its end of file. */
    public static Feed from(Kernel kernel, int pipe, int source) {
        return from(kernel, false, pipe, source);
    }

    private static Feed from(Kernel kernel, boolean terminal, int pipe, int source) {
        return new Feed(kernel, terminal, pipe, source, ByteBuffer.allocateDirect(16 * 1024), 0);
    }

    /** As {@link #from}, of a descriptor that is closed with the feed. */
    public static Feed fromFile(Kernel kernel, int pipe, int file) {
        Feed feed = from(kernel, pipe, file);
        feed.owned = file;
        return feed;
    }

    /** As {@link #from}, into a pseudo-terminal, with its end as {@link #ofTyped}. */
    public static Feed intoTerminal(Kernel kernel, int master, int source) {
        return from(kernel, true, master, source);
    }

    /** The descriptor to wait for: the pipe with bytes at hand, the source without; -1 when all is done. */
    int waitsFor() {
        return pipe < 0 ? -1 : at < end || source < 0 ? pipe : source;
    }

    boolean waitsToWrite() {
        return at < end || source < 0;
    }

    /** Moves what can be moved now. A reader that has gone away takes no more: that is its own affair. */
    void advance() throws IOException {
        if (at == end && source >= 0) {
            int n = read();
            if (n == Kernel.WOULD_BLOCK) {
                return;
            }
            at = 0;
            end = n;
            if (n == 0) {
                source = -1;
                byte[] last = terminal ? Keyboard.end(lastTyped) : new byte[0];
                end = last.length;
                buffer.put(0, last);
            } else {
                lastTyped = buffer.get(n - 1);
            }
        }
        try {
            int n = at == end ? 0 : kernel.write(pipe, buffer, at, end - at);
            at += Math.max(n, 0);
            if (at == end && source < 0) {
                close();
            }
        } catch (KernelException e) {
            if (!e.is(Errno.EPIPE)) {
                throw e;
            }
            close();
        }
    }

    /** A terminal that hung up answers EIO. */
    private int read() throws KernelException {
        try {
            return kernel.read(source, buffer, buffer.capacity());
        } catch (KernelException e) {
            if (!e.is(Errno.EIO)) {
                throw e;
            }
            return 0;
        }
    }

    @Override
    public void close() {
        if (pipe >= 0) {
            kernel.close(pipe);
            pipe = -1;
        }
        if (owned >= 0) {
            kernel.close(owned);
            owned = -1;
        }
    }
}
