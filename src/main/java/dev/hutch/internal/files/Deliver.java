// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.InputFile;
import dev.hutch.spec.SandboxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Puts files into a workspace, as its folder's owner's. What an earlier program planted there leads nowhere. */
public final class Deliver {
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final int root;
    private final Kernel.Stat owner;

    private Deliver(Kernel kernel, int root) throws KernelException {
        this.kernel = kernel;
        this.root = root;
        this.owner = kernel.fstat(root);
    }

    /**
     * Puts the files in, in their order.
     *
     * @param workspace the folder's path on the host
     */
    public static void into(Kernel kernel, Path workspace, List<InputFile> files) throws SandboxException {
        int root = Beneath.root(kernel, workspace.toString());
        try {
            Deliver deliver = new Deliver(kernel, root);
            for (InputFile file : files) {
                deliver.put(file);
            }
        } finally {
            kernel.close(root);
        }
    }

    private void put(InputFile file) throws SandboxException {
        String[] names = file.path().split("/");
        int folder = root;
        try {
            for (int i = 0; i < names.length - 1; i++) {
                int next = enter(folder, names[i]);
                leave(folder);
                folder = next;
            }
            write(folder, names[names.length - 1], file);
        } catch (KernelException e) {
            SandboxException told =
                    new SandboxException(e.operation(), file.path(), e.errno().orElse(null), cure(e));
            told.initCause(e);
            throw told;
        } finally {
            leave(folder);
        }
    }

    private static String cure(KernelException e) {
        if (e.is(Errno.ELOOP)) {
            return "a symbolic link stands on the way in the workspace, and none is followed: remove it";
        }
        if (e.is(Errno.EISDIR) || e.is(Errno.ENOTDIR)) {
            return "a folder stands in the file's place in the workspace, or a file in a folder's: remove it";
        }
        return e.is(Errno.ENOSPC)
                ? "the disk is full where the workspace is: java.io.tmpdir, where the sandbox has none of its own"
                : "the workspace must be writable by this process";
    }

    private void leave(int folder) {
        if (folder != root) {
            kernel.close(folder);
        }
    }

    private int enter(int parent, String name) throws KernelException {
        boolean made = make(parent, name);
        int folder = Beneath.folder(kernel, parent, name);
        try {
            if (made) {
                int opened = Beneath.reopen(kernel, folder);
                own(opened);
                kernel.close(opened);
            }
            return folder;
        } catch (KernelException e) {
            kernel.close(folder);
            throw e;
        }
    }

    private boolean make(int parent, String name) throws KernelException {
        try {
            kernel.mkdirat(parent, name, 0755);
            return true;
        } catch (KernelException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            return false;
        }
    }

    /** A new file always: what stands there may have another name elsewhere, or be a pipe. */
    private void write(int folder, String name, InputFile file) throws SandboxException {
        try (InputStream content = open(file)) {
            remove(folder, name);
            boolean executable = file.source().map(Files::isExecutable).orElse(file.executable());
            int fd = Beneath.create(kernel, folder, name, executable ? 0755 : 0644);
            try {
                own(fd);
                copy(content, fd);
            } finally {
                kernel.close(fd);
            }
        } catch (SandboxException e) {
            throw e;
        } catch (IOException e) {
            throw new SandboxException(
                    "read", file.source().map(Path::toString).orElse(""), "it can't be put into the workspace", e);
        }
    }

    private static InputStream open(InputFile file) throws IOException {
        Path source = file.source().orElse(null);
        return source == null ? new ByteArrayInputStream(file.bytes()) : Files.newInputStream(source);
    }

    private void remove(int folder, String name) throws KernelException {
        try {
            kernel.unlinkat(folder, name, false);
        } catch (KernelException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private void copy(InputStream content, int fd) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        byte[] bytes = new byte[BUFFER];
        for (int n = content.read(bytes); n >= 0; n = content.read(bytes)) {
            buffer.put(0, bytes, 0, n);
            for (int at = 0; at < n; ) {
                at += kernel.write(fd, buffer, at, n - at);
            }
        }
    }

    private void own(int fd) throws KernelException {
        Kernel.Stat stat = kernel.fstat(fd);
        if (stat.uid() != owner.uid() || stat.gid() != owner.gid()) {
            kernel.fchown(fd, owner.uid(), owner.gid());
        }
    }
}
