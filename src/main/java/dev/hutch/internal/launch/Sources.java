// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.OpCode;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The host's folders and files that sandboxes get. Links on the way to one are followed, but for those in a folder that a
 * sandbox of this context could write: the program in it may have made the link, to a place that nobody meant to share.
 * What was looked at is opened without following any, so that none can be put there meanwhile. Thread-safe.
 */
final class Sources {
    private static final int O_PATH = 010000000;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_NOCTTY = 0400;
    private static final long RESOLVE_NO_SYMLINKS = 4;
    private static final int MOST_LINKS = 40;
    private static final Path ROOT = Path.of("/");
    private static final Path PROC = Path.of("/proc");

    private final Kernel kernel;
    private final Set<Path> writable = ConcurrentHashMap.newKeySet();
    private volatile int pruneAt = 1024;

    Sources(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Remembers what the program of a sandbox can write, before it runs; as long as the folders exist. */
    void willBeWritten(SandboxSpec spec) throws IOException {
        for (Path folder : SetIdFiles.writable(spec)) {
            writable.add(folder.toRealPath());
        }
        if (writable.size() > pruneAt) {
            writable.removeIf(folder -> !Files.exists(folder));
            pruneAt = Math.max(1024, 2 * writable.size());
        }
    }

    /** Opens with O_PATH; the caller closes it. */
    int open(Path source) throws SandboxException {
        try {
            return kernel.openat2(Kernel.AT_FDCWD, source.toString(), O_PATH, 0, RESOLVE_NO_SYMLINKS);
        } catch (KernelException e) {
            if (!e.is(Errno.ELOOP)) {
                throw e;
            }
        }
        Path real = real(source);
        try {
            return real == null
                    ? kernel.open(source.toString(), O_PATH, 0)
                    : kernel.openat2(Kernel.AT_FDCWD, real.toString(), O_PATH, 0, RESOLVE_NO_SYMLINKS);
        } catch (KernelException e) {
            throw e.is(Errno.ELOOP) ? refusal(source) : new KernelException("open", source.toString(), e.number());
        }
    }

    /**
     * Opens a file for a standard stream, and makes it where it is missing and {@code flags} have O_CREAT. In a folder that
     * a sandbox could write only a plain file is opened: opening a pipe may wait for ever. The caller closes it.
     */
    int openFile(Path name, int flags, int mode) throws SandboxException {
        Path file = name.toAbsolutePath();
        int seen;
        try {
            seen = open(file);
        } catch (KernelException e) {
            if (!e.is(Errno.ENOENT) || (flags & O_CREAT) == 0) {
                throw e;
            }
            return create(file, flags, mode);
        }
        try {
            Path real = kernel.fstat(seen).isRegularFile() ? null : real(file);
            if (real != null && wasWritable(real)) {
                throw new SandboxException(
                        "open",
                        file.toString(),
                        null,
                        "no plain file, and a sandbox can write its folder: remove it, or name a file elsewhere");
            }
            // Exactly what was seen: nobody can have exchanged it.
            return kernel.open("/proc/self/fd/" + seen, (flags & ~O_CREAT) | O_NOCTTY, 0);
        } catch (KernelException e) {
            throw new KernelException("open", file.toString(), e.number());
        } finally {
            kernel.close(seen);
        }
    }

    private int create(Path file, int flags, int mode) throws SandboxException {
        Path real = real(file);
        try {
            return kernel.openat2(
                    Kernel.AT_FDCWD,
                    (real == null ? file : real).toString(),
                    flags | O_EXCL | O_NOCTTY,
                    mode,
                    RESOLVE_NO_SYMLINKS);
        } catch (KernelException e) {
            throw new KernelException("open", file.toString(), e.number());
        }
    }

    /** For a plain user, whose child opens the sources itself, and follows no link: the same ops with links resolved. */
    List<Op> resolved(List<Op> ops) throws SandboxException {
        List<Op> resolved = new ArrayList<>();
        for (Op op : ops) {
            boolean hosts = op.code() == OpCode.MOUNT_TREE && (op.flags() & Op.SOURCE_IN_ROOT) == 0;
            Path real = hosts && op.first() instanceof String source ? real(Path.of(source)) : null;
            resolved.add(real == null ? op : op.withSource(real.toString()));
        }
        return resolved;
    }

    /** Without links; null where one of procfs is on the way, whose text doesn't say where it leads. */
    private @Nullable Path real(Path source) throws SandboxException {
        try {
            return follow(ROOT, source, source, 0);
        } catch (IOException e) {
            throw e instanceof SandboxException told
                    ? told
                    : new SandboxException("open", source.toString(), "a link on the way can't be read", e);
        }
    }

    private @Nullable Path follow(Path start, Path rest, Path source, int links) throws IOException {
        Path at = start;
        for (Path name : rest) {
            Path next = at.resolve(name).normalize();
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            if (at.startsWith(PROC)) {
                return null;
            }
            if (links == MOST_LINKS || wasWritable(at)) {
                throw refusal(source);
            }
            Path to = Files.readSymbolicLink(next);
            at = follow(to.isAbsolute() ? ROOT : at, to, source, links + 1);
            if (at == null) {
                return null;
            }
        }
        return at;
    }

    private boolean wasWritable(Path folder) {
        for (Path path = folder; path != null; path = path.getParent()) {
            if (writable.contains(path)) {
                return true;
            }
        }
        return false;
    }

    private static SandboxException refusal(Path source) {
        return new SandboxException(
                "open",
                source.toString(),
                Errno.ELOOP,
                "a symbolic link on the way stands in a folder that a sandbox can write, so it may lead anywhere: name"
                        + " the place itself");
    }
}
