// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.files.Tree;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.plan.Op;
import dev.hutch.spec.Errno;
import dev.hutch.spec.InputFile;
import dev.hutch.spec.SandboxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies a file or a folder of the host's into a container that runs. A child that has joined it writes the files, as the
 * user inside and before anything of the inmates' could run in it: so it may do no more than they may, also where they
 * exchange folders for links meanwhile. The files' content is in the plan.
 */
final class CopyIn implements Tree.Visitor {
    private static final int PART = 4 << 20;
    private static final int BUFFER = 64 * 1024;

    /** The next bytes of a file, fewer only at its end. */
    private interface Content {
        byte[] next(int most) throws IOException;
    }

    private final Kernel kernel;
    private final Parked child;
    private final Path inside;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final List<Op> ops = new ArrayList<>();
    private int pending;

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

    /**
     * Puts files into a folder inside.
     *
     * @param child has taken the ids of the user inside; is ended
     * @param folder absolute and normal; what is missing below it is made
     */
    static void put(Kernel kernel, Parked child, Path folder, List<InputFile> files) throws IOException {
        try {
            for (InputFile file : files) {
                new CopyIn(kernel, child, folder.resolve(file.path())).put(folder, file);
            }
        } finally {
            child.discard();
        }
    }

    private void put(Path folder, InputFile file) throws IOException {
        for (Path parent = folder; parent.getNameCount() + 1 < inside.getNameCount(); ) {
            parent = parent.resolve(inside.getName(parent.getNameCount()));
            folder(parent);
        }
        boolean executable = file.source().map(Files::isExecutable).orElse(file.executable());
        try (InputStream content = content(file)) {
            write(inside, content::readNBytes, size(file), executable);
            flush();
        } catch (SandboxException e) {
            throw told(e, inside);
        }
    }

    private static InputStream content(InputFile file) throws IOException {
        Path source = file.source().orElse(null);
        return source == null ? new ByteArrayInputStream(file.bytes()) : Files.newInputStream(source);
    }

    private static long size(InputFile file) throws IOException {
        Path source = file.source().orElse(null);
        return source == null ? file.bytes().length : Files.size(source);
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
        write(place(path), most -> read(fd, most), stat.size(), (stat.mode() & 0111) != 0);
    }

    /** In pieces, so that no more than one is held here. What grows meanwhile is copied as far as it went. */
    private void write(Path place, Content content, long size, boolean executable) throws IOException {
        int mode = executable ? 0755 : 0644;
        int flags = Op.NO_SYMLINKS | Op.REPLACE;
        long left = size;
        byte[] piece;
        do {
            piece = content.next((int) Math.min(PART, left));
            left -= piece.length;
            ops.add(Op.writeFile(parent(place), name(place), piece, mode, flags));
            pending += piece.length;
            if (pending >= PART) {
                flush();
            }
            flags = Op.NO_SYMLINKS | Op.APPEND;
        } while (left > 0 && piece.length > 0);
    }

    /** Of a file of the host's that is open. */
    private byte[] read(int fd, int most) throws IOException {
        byte[] content = new byte[most];
        int length = 0;
        for (int n = 1; n > 0 && length < most; length += n) {
            n = Math.max(0, kernel.read(fd, buffer, Math.min(BUFFER, most - length)));
            buffer.get(0, content, length, n);
        }
        return Arrays.copyOf(content, length);
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
