// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A file held by flock(2): the kernel lets go of it when the holder dies, whatever kills it, and unlike a pid the lock
 * can't be mistaken for another process. Lives in a {@link RuntimeDirectory}. Thread-safe.
 */
public final class LockFile implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0100;
    private static final int O_APPEND = 02000;

    private final Kernel kernel;
    private final String path;
    private int fd;
    private String start = "";

    private LockFile(Kernel kernel, String path, int fd) {
        this.kernel = kernel;
        this.path = path;
        this.fd = fd;
    }

    /** Makes the file where it is missing and takes the lock; empty where another holds it or has just removed it. */
    public static Optional<LockFile> tryMake(Kernel kernel, String path) throws KernelException {
        return tryTake(kernel, path, O_CREAT);
    }

    /** Takes the lock of an existing file; empty where another holds it or it is gone. */
    public static Optional<LockFile> tryTake(Kernel kernel, String path) throws KernelException {
        return tryTake(kernel, path, 0);
    }

    private static Optional<LockFile> tryTake(Kernel kernel, String path, int flags) throws KernelException {
        int fd = -1;
        boolean taken = false;
        try {
            fd = kernel.open(path, O_RDWR | O_APPEND | flags, (flags & O_CREAT) == 0 ? 0 : 0600);
            taken = kernel.tryLock(fd) && stillNamed(kernel, path, fd);
            return taken ? Optional.of(new LockFile(kernel, path, fd)) : Optional.empty();
        } catch (KernelException refusal) {
            if (refusal.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw refusal;
        } finally {
            if (fd >= 0 && !taken) {
                kernel.close(fd);
            }
        }
    }

    /** A sweep may have unlinked the file between open and flock: such a lock says nothing to anybody. */
    private static boolean stillNamed(Kernel kernel, String path, int fd) throws KernelException {
        int now = kernel.open(path, 0, 0);
        try {
            Kernel.Stat mine = kernel.fstat(fd);
            Kernel.Stat named = kernel.fstat(now);
            return mine.ino() == named.ino() && mine.dev() == named.dev();
        } finally {
            kernel.close(now);
        }
    }

    public String path() {
        return path;
    }

    /** Adds a line to the file, for whoever finds it without its holder. */
    public synchronized void append(String line) throws SandboxException {
        byte[] bytes = (start + line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (kernel.write(fd, ByteBuffer.allocateDirect(bytes.length).put(bytes), 0, bytes.length) < bytes.length) {
                // The next line is not to go on where this one broke off.
                start = "\n";
                throw new KernelException("write", path, Errno.ENOSPC.number());
            }
            start = "";
        } catch (KernelException e) {
            throw new KernelException("write", path, e.number()).withCure("lock files stand there: make room for them");
        }
    }

    /** Unlinks the file while it is still held, then lets go. */
    public synchronized void delete() throws KernelException {
        try {
            kernel.unlinkat(Kernel.AT_FDCWD, path, false);
        } finally {
            close();
        }
    }

    /** Lets go; the file stays. */
    @Override
    public synchronized void close() {
        if (fd >= 0) {
            kernel.close(fd);
            fd = -1;
        }
    }
}
