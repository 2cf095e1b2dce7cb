// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.CollectRule;
import dev.hutch.spec.CollectedFiles;
import dev.hutch.spec.CollectedFiles.LeftOut;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Fetches files from a workspace in which an untrusted program did what it liked. Every name is opened beneath the folder
 * that holds it, through no link; only a regular file is ever opened for reading, and without waiting; the number of
 * names, the depth, and the number and size of files are bounded. What matches and is not fetched is named.
 */
public final class Collect {
    private static final int MOST_FILES = 1000;
    private static final int MOST_NAMES = 100_000;
    private static final int MOST_LEFT_OUT = 1000;
    private static final int DEEPEST = 32;
    private static final int NONE = -1;
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private int names;
    private long room;

    private Collect(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Fetches what the rules match.
     *
     * @param workspace the folder's path on the host
     */
    public static CollectedFiles from(Kernel kernel, Path workspace, List<CollectRule> rules) throws SandboxException {
        return in(kernel, Beneath.root(kernel, workspace.toString()), rules);
    }

    /**
     * Fetches what the rules match in a folder of a root that isn't trusted.
     *
     * @param root stays the caller's
     * @param folder absolute and normal; no link is followed on the way
     */
    public static CollectedFiles beneath(Kernel kernel, int root, Path folder, List<CollectRule> rules)
            throws SandboxException {
        return in(kernel, Tree.look(kernel, root, folder), rules);
    }

    /** What the rules would have matched is out of reach. */
    public static CollectedFiles nothing(List<CollectRule> rules, String reason) {
        return new CollectedFiles(
                Map.of(),
                rules.stream().map(rule -> new LeftOut(rule.glob(), reason)).toList());
    }

    /** Closes the folder. */
    private static CollectedFiles in(Kernel kernel, int folder, List<CollectRule> rules) throws SandboxException {
        Collect collect = new Collect(kernel);
        try {
            for (CollectRule rule : rules) {
                collect.room = rule.limit().bytes();
                collect.walk(folder, "", new Glob(rule.glob()), 0, 0);
            }
        } finally {
            kernel.close(folder);
        }
        collect.leftOut.keySet().removeAll(collect.files.keySet());
        List<LeftOut> leftOut = new ArrayList<>();
        collect.leftOut.forEach((path, reason) -> leftOut.add(new LeftOut(path, reason)));
        return new CollectedFiles(collect.files, leftOut);
    }

    private void leaveOut(String path, String reason) {
        if (leftOut.size() < MOST_LEFT_OUT) {
            leftOut.putIfAbsent(path, reason);
        } else {
            leftOut.put("", "more than " + MOST_LEFT_OUT + " were left out: these are the first");
        }
    }

    /** @param at which name of the glob what stands in this folder is to match */
    private void walk(int folder, String prefix, Glob glob, int at, int depth) throws SandboxException {
        if (glob.isAnyFolders(at)) {
            if (at + 1 < glob.length()) {
                walk(folder, prefix, glob, at + 1, depth);
            }
            for (String name : list(folder, prefix)) {
                visit(folder, prefix + name, name, glob, at, depth);
            }
        } else if (glob.isLiteral(at)) {
            visit(folder, prefix + glob.name(at), glob.name(at), glob, at, depth);
        } else {
            for (String name : list(folder, prefix)) {
                if (glob.matches(at, name)) {
                    visit(folder, prefix + name, name, glob, at, depth);
                }
            }
        }
    }

    private void visit(int folder, String path, String name, Glob glob, int at, int depth) throws SandboxException {
        boolean last = at + 1 == glob.length();
        boolean anyFolders = glob.isAnyFolders(at);
        int fd = NONE;
        try {
            fd = Beneath.look(kernel, folder, name);
            Kernel.Stat stat = kernel.fstat(fd);
            if (last && !stat.isFolder()) {
                fetch(fd, stat, path);
            } else if ((!last || anyFolders) && stat.isFolder()) {
                descend(fd, path, glob, anyFolders ? at : at + 1, depth);
            }
        } catch (KernelException e) {
            // A link that is not itself the match is left where it stands by a search through all folders.
            if (last || !anyFolders || !e.is(Errno.ELOOP)) {
                refused(path, e);
            }
        } finally {
            if (fd != NONE) {
                kernel.close(fd);
            }
        }
    }

    private void descend(int fd, String path, Glob glob, int at, int depth) throws SandboxException {
        if (depth == DEEPEST) {
            leaveOut(path, "deeper than " + DEEPEST + " folders");
        } else {
            walk(fd, path + "/", glob, at, depth + 1);
        }
    }

    private void refused(String path, KernelException e) {
        if (e.is(Errno.ELOOP)) {
            leaveOut(path, "a symbolic link: none is followed");
        } else if (!e.is(Errno.ENOENT)) {
            leaveOut(path, String.valueOf(e.getMessage()));
        }
    }

    private void fetch(int seen, Kernel.Stat stat, String path) throws KernelException {
        if (files.containsKey(path)) {
            return;
        }
        if (!stat.isRegularFile()) {
            leaveOut(path, "not a regular file");
        } else if (files.size() == MOST_FILES) {
            leaveOut(path, "more than " + MOST_FILES + " files");
        } else if (stat.size() > room) {
            leaveOut(path, overLimit(stat.size()));
        } else {
            int fd = Beneath.reopen(kernel, seen);
            try {
                read(fd, path, (int) stat.size());
            } finally {
                kernel.close(fd);
            }
        }
    }

    private String overLimit(long size) {
        return size + " bytes where the limit leaves " + room;
    }

    /** One byte more than it said shows that it grows, under the hands of another sandbox with the same workspace. */
    private void read(int fd, String path, int size) throws KernelException {
        byte[] bytes = new byte[size];
        int length = 0;
        while (true) {
            int n = kernel.read(fd, buffer, Math.min(BUFFER, size - length + 1));
            if (n <= 0) {
                break;
            }
            if (n > size - length) {
                leaveOut(path, "it was written to meanwhile");
                return;
            }
            buffer.get(0, bytes, length, n);
            length += n;
        }
        room -= length;
        files.put(path, length == size ? bytes : java.util.Arrays.copyOf(bytes, length));
    }

    /** Sorted, so that bounds leave out the same ones every time. */
    private List<String> list(int folder, String prefix) {
        List<String> found = new ArrayList<>();
        // By its descriptor: whatever has become of its path.
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(Path.of("/proc/self/fd/" + folder))) {
            for (Path each : listing) {
                if (names == MOST_NAMES) {
                    leaveOut(prefix, "more than " + MOST_NAMES + " names: not all were looked at");
                    break;
                }
                names++;
                String name = Names.text(each);
                if (name.isEmpty()) {
                    leaveOut(prefix + each.getFileName(), "its name is no UTF-8");
                } else {
                    found.add(name);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            leaveOut(prefix, "the folder can't be listed: " + e.getMessage());
        }
        found.sort(null);
        return found;
    }
}
