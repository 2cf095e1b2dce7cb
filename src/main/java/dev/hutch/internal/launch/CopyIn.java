// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.files.Tree;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies a file or a folder of the host's into a container that runs. A child that has joined it writes the files, as the
 * user inside and before anything of the inmates' could run in it: so it may do no more than they may, also where they
 * exchange folders for links meanwhile. The files' content is in the plan.
 */
final class CopyIn implements Tree.Visitor {
    private static final int MOST = 512 << 20;
    private static final int PART = 4 << 20;
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final Parked child;
    private final Path inside;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final List<Op> ops = new ArrayList<>();
    private int pending;
    private long room = MOST;

    private CopyIn(Kernel kernel, Parked child, Path inside) {
        this.kernel = kernel;
        this.child = child;
        this.inside = inside;
    }

    /**
     * @param child has taken the ids of the user inside; is ended
     * @param seen the host's, O_PATH; stays the caller's
     * @param inside absolute and normal; what is missing of its parents is made
     */
    static void copy(Kernel kernel, Parked child, int seen, Path inside) throws IOException {
        CopyIn copy = new CopyIn(kernel, child, inside);
        try {
            for (Path parent = inside.getRoot(); parent.getNameCount() + 1 < inside.getNameCount(); ) {
                parent = parent.resolve(inside.getName(parent.getNameCount()));
                copy.folder(parent);
            }
            Tree.walk(kernel, seen, copy);
            copy.flush();
        } catch (SandboxException e) {
            throw told(e, inside);
        } finally {
            child.discard();
        }
    }

    private static SandboxException told(SandboxException e, Path inside) {
        Errno errno = e.errno().orElse(null);
        SandboxException told = new SandboxException("copy in", inside.toString(), errno, cure(e, errno));
        told.initCause(e);
        return told;
    }

    private static String cure(SandboxException e, @org.jspecify.annotations.Nullable Errno errno) {
        if (Errno.ELOOP.equals(errno)) {
            return "a symbolic link stands on the way inside, and none is followed: name the place itself";
        }
        if (Errno.EISDIR.equals(errno) || Errno.ENOTDIR.equals(errno)) {
            return "a folder stands in a file's place inside, or a file in a folder's: remove it";
        }
        if (Errno.EROFS.equals(errno) || Errno.EACCES.equals(errno)) {
            return "the user inside may not write there";
        }
        return errno == null ? e.cure() : "";
    }

    private void folder(Path folder) {
        ops.add(Op.mkdir(parent(folder), name(folder), 0755, Op.NO_SYMLINKS | Op.MAY_EXIST));
    }

    private static String parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? "/" : parent.toString();
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private Path place(String path) {
        return path.isEmpty() ? inside : inside.resolve(path);
    }

    @Override
    public void enter(String path) {
        folder(place(path));
    }

    @Override
    public void leave() {}

    @Override
    public void file(String path, Kernel.Stat stat, int fd) throws IOException {
        room -= stat.size();
        if (room < 0) {
            throw new SandboxException(
                    "copy in", path, null, "more than 512 MiB at once: copy in parts, or bind a folder");
        }
        byte[] content = read(fd, (int) stat.size());
        Path place = place(path);
        int mode = (stat.mode() & 0111) == 0 ? 0644 : 0755;
        ops.add(Op.writeFile(parent(place), name(place), content, mode, Op.NO_SYMLINKS | Op.REPLACE));
        pending += content.length;
        if (pending >= PART) {
            flush();
        }
    }

    private byte[] read(int fd, int size) throws IOException {
        byte[] content = new byte[size];
        int length = 0;
        for (int n = 1; n > 0 && length < size; length += n) {
            n = Math.max(0, kernel.read(fd, buffer, Math.min(BUFFER, size - length)));
            buffer.get(0, content, length, n);
        }
        return length == size ? content : java.util.Arrays.copyOf(content, length);
    }

    private void flush() throws IOException {
        child.walk(ops);
        ops.clear();
        pending = 0;
    }

    /** The caller's own files: what can't be copied is an error, not a surprise. */
    @Override
    public void leftOut(String path, String reason) {
        throw new IllegalArgumentException("copy in " + path + ": " + reason);
    }
}
