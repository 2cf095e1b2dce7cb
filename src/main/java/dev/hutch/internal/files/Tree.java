// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file, or a folder with all below it, which somebody may be changing while it is read. Each name is opened beneath the
 * folder that holds it, through no link; only regular files are ever opened for reading, and without waiting.
 */
public final class Tree {
    private static final int MOST_NAMES = 100_000;
    private static final int DEEPEST = 64;

    /** Who is shown what is there; paths are relative to where the walk began, which itself is the empty path. */
    public interface Visitor {
        /** A folder, whose contents follow until {@link #leave}. */
        void enter(String path) throws IOException;

        void leave() throws IOException;

        /**
         * A regular file.
         *
         * @param fd open for reading; closed afterwards
         */
        void file(String path, Kernel.Stat stat, int fd) throws IOException;

        /** Neither, or it can't be opened. */
        void leftOut(String path, String reason);
    }

    private final Kernel kernel;
    private final Visitor visitor;
    private int names;

    private Tree(Kernel kernel, Visitor visitor) {
        this.kernel = kernel;
        this.visitor = visitor;
    }

    /**
     * Looks a path up in a root that isn't trusted: no link on the way is followed. The caller closes it.
     *
     * @param inside absolute and normal
     * @throws KernelException if it isn't there, or ELOOP for a link
     */
    public static int look(Kernel kernel, int root, Path inside) throws KernelException {
        int at = Beneath.look(kernel, root, ".");
        for (Path name : inside) {
            try {
                int next = Beneath.look(kernel, at, name.toString());
                kernel.close(at);
                at = next;
            } catch (KernelException e) {
                kernel.close(at);
                throw e;
            }
        }
        return at;
    }

    /**
     * Shows all that is there, folders before what is in them.
     *
     * @param seen a descriptor that opens nothing (O_PATH); stays the caller's
     */
    public static void walk(Kernel kernel, int seen, Visitor visitor) throws IOException {
        new Tree(kernel, visitor).visit(seen, "", 0);
    }

    private void visit(int seen, String path, int depth) throws IOException {
        Kernel.Stat stat = kernel.fstat(seen);
        if (stat.isFolder()) {
            if (depth == DEEPEST) {
                visitor.leftOut(path, "deeper than " + DEEPEST + " folders");
                return;
            }
            visitor.enter(path);
            for (String name : list(seen, path)) {
                visitName(seen, name, path.isEmpty() ? name : path + "/" + name, depth + 1);
            }
            visitor.leave();
        } else if (stat.isRegularFile()) {
            file(seen, path, stat);
        } else {
            visitor.leftOut(path, "neither a regular file nor a folder");
        }
    }

    private void visitName(int folder, String name, String path, int depth) throws IOException {
        int seen;
        try {
            seen = Beneath.look(kernel, folder, name);
        } catch (KernelException e) {
            if (!e.is(Errno.ENOENT)) {
                visitor.leftOut(path, e.is(Errno.ELOOP) ? "a symbolic link: none is followed" : reason(e));
            }
            return;
        }
        try {
            visit(seen, path, depth);
        } finally {
            kernel.close(seen);
        }
    }

    private void file(int seen, String path, Kernel.Stat stat) throws IOException {
        int fd;
        try {
            fd = Beneath.reopen(kernel, seen);
        } catch (KernelException e) {
            visitor.leftOut(path, reason(e));
            return;
        }
        try {
            visitor.file(path, stat, fd);
        } finally {
            kernel.close(fd);
        }
    }

    private static String reason(IOException e) {
        return String.valueOf(e.getMessage());
    }

    /** Sorted, so that bounds leave out the same ones every time. */
    private List<String> list(int folder, String path) {
        List<String> found = new ArrayList<>();
        // By its descriptor: whatever has become of its path.
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(Path.of("/proc/self/fd/" + folder))) {
            for (Path each : listing) {
                if (names == MOST_NAMES) {
                    visitor.leftOut(path, "more than " + MOST_NAMES + " names: not all were looked at");
                    break;
                }
                names++;
                String name = Names.text(each);
                if (name.isEmpty()) {
                    visitor.leftOut(path + "/" + each.getFileName(), "its name is no UTF-8");
                } else {
                    found.add(name);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            visitor.leftOut(path, "the folder can't be listed: " + e.getMessage());
        }
        found.sort(null);
        return found;
    }
}
