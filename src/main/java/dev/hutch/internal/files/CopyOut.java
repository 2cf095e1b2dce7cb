// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.CollectedFiles.LeftOut;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Copies a file or a folder out of a root in which an untrusted program does what it likes, into a new one. */
public final class CopyOut implements Tree.Visitor {
    private static final int BUFFER = 64 * 1024;
    private static final int MOST_LEFT_OUT = 1000;

    private final Kernel kernel;
    private final String name;
    private final Size limit;
    private final Deque<Integer> folders = new ArrayDeque<>();
    private final List<LeftOut> leftOut = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private long room;

    private CopyOut(Kernel kernel, String name, Size limit) {
        this.kernel = kernel;
        this.name = name;
        this.limit = limit;
        this.room = limit.bytes();
    }

    /**
     * Copies, and answers what was left out. What has been copied before a failure stays.
     *
     * @param root of the container; stays the caller's
     * @param inside absolute and normal
     * @param host must not exist, its parent must
     */
    public static List<LeftOut> copy(Kernel kernel, int root, Path inside, Path host, Size limit) throws IOException {
        Path parent = host.toAbsolutePath().getParent();
        Path name = host.getFileName();
        if (parent == null || name == null) {
            throw new IllegalArgumentException("copy out to " + host + ": it must not exist");
        }
        int seen = look(kernel, root, inside);
        try {
            CopyOut copy = new CopyOut(kernel, name.toString(), limit);
            copy.into(parent.toString(), seen);
            return List.copyOf(copy.leftOut);
        } finally {
            kernel.close(seen);
        }
    }

    private static int look(Kernel kernel, int root, Path inside) throws SandboxException {
        try {
            return Tree.look(kernel, root, inside);
        } catch (KernelException e) {
            SandboxException told = new SandboxException(
                    "copy out",
                    inside.toString(),
                    e.errno().orElse(null),
                    e.is(Errno.ELOOP)
                            ? "a symbolic link is on the way, and none is followed: name the place itself"
                            : "");
            told.initCause(e);
            throw told;
        }
    }

    private void into(String parent, int seen) throws IOException {
        folders.push(Beneath.root(kernel, parent));
        try {
            Tree.walk(kernel, seen, this);
        } finally {
            folders.forEach(kernel::close);
        }
    }

    private String last(String path) {
        return path.isEmpty() ? name : path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public void enter(String path) throws KernelException {
        kernel.mkdirat(folders.peek(), last(path), 0755);
        folders.push(Beneath.folder(kernel, folders.peek(), last(path)));
    }

    @Override
    public void leave() {
        kernel.close(folders.pop());
    }

    @Override
    public void file(String path, Kernel.Stat stat, int fd) throws IOException {
        int to = Beneath.create(kernel, folders.peek(), last(path), (stat.mode() & 0111) == 0 ? 0644 : 0755);
        try {
            for (int n = kernel.read(fd, buffer, BUFFER); n > 0; n = kernel.read(fd, buffer, BUFFER)) {
                room -= n;
                if (room < 0) {
                    throw new SandboxException(
                            "copy out", path.isEmpty() ? name : path, null, "more than the limit of " + limit);
                }
                for (int at = 0; at < n; ) {
                    at += kernel.write(to, buffer, at, n - at);
                }
            }
        } finally {
            kernel.close(to);
        }
    }

    @Override
    public void leftOut(String path, String reason) {
        if (leftOut.size() < MOST_LEFT_OUT) {
            leftOut.add(new LeftOut(path, reason));
        }
    }
}
