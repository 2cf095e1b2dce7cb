// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mockito.AdditionalAnswers;
import org.mockito.Mockito;

/**
 * Kernel files over a temporary directory: a directory made below a mount point gets the control files named for it, as
 * in a cgroup file system, and goes with them. What is written replaces the content. Files of /proc are given as text.
 */
public class TestKernelFiles implements KernelFiles {
    private static final int O_CREAT = 0100;
    private static final int UID = 1234;

    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Map<String, String>> controlFiles = new LinkedHashMap<>();
    private final Map<String, Errno> failures = new LinkedHashMap<>();
    private final Map<String, Integer> failuresLeft = new HashMap<>();
    private final Map<Integer, String> open = new HashMap<>();
    private final Set<String> lockedByOthers = new HashSet<>();
    private final List<String> writes = new ArrayList<>();
    private final List<String> reads = new ArrayList<>();
    private int nextFd = 100;

    /** A file that is read from here instead of from the disk. */
    public TestKernelFiles text(String path, String content) {
        texts.put(path, content);
        return this;
    }

    /** Files, with their content, that appear in each new directory below the mount point. */
    public TestKernelFiles controlFiles(Path mountPoint, Map<String, String> contents) {
        controlFiles.put(mountPoint.toString(), contents);
        return this;
    }

    /** Every operation on a path that ends so fails, until {@link #working}. */
    public TestKernelFiles failing(String pathEnd, Errno errno) {
        failures.put(pathEnd, errno);
        return this;
    }

    public TestKernelFiles working(String pathEnd) {
        failures.remove(pathEnd);
        return this;
    }

    /** As {@link #failing}, for the next so many operations. */
    public TestKernelFiles failingTimes(String pathEnd, Errno errno, int times) {
        failures.put(pathEnd, errno);
        failuresLeft.put(pathEnd, times);
        return this;
    }

    /** As {@link #failingTimes}, for one kind of operation: {@code write}, {@code mkdir} and so on. */
    public TestKernelFiles failingCalls(String call, String pathEnd, Errno errno, int times) {
        return failingTimes(call + "|" + pathEnd, errno, times);
    }

    /** The path is flocked by another process. */
    public TestKernelFiles lockedByAnother(String path) {
        lockedByOthers.add(path);
        return this;
    }

    public TestKernelFiles unlockedByAnother(String path) {
        lockedByOthers.remove(path);
        return this;
    }

    /** {@code PATH=VALUE} of each write, in order. */
    public List<String> writes() {
        return writes;
    }

    public List<String> reads() {
        return reads;
    }

    /** Paths of descriptors that were not closed. */
    public List<String> opened() {
        return new ArrayList<>(open.values());
    }

    /** A kernel whose file calls are these, and whose other calls do nothing. */
    public Kernel asKernel() {
        return Mockito.mock(Kernel.class, AdditionalAnswers.delegatesTo(this));
    }

    @Override
    public void write(String path, String value) throws KernelException {
        check("write", path);
        if (!Files.isRegularFile(Path.of(path)) && !texts.containsKey(path)) {
            throw new KernelException("write", path, Errno.ENOENT.number());
        }
        writes.add(path + "=" + value);
        if (!texts.containsKey(path)) {
            run("write", path, () -> Files.writeString(Path.of(path), value));
        }
    }

    @Override
    public String read(String path) throws KernelException {
        check("read", path);
        reads.add(path);
        String text = texts.get(path);
        return text != null ? text : run("read", path, () -> Files.readString(Path.of(path)));
    }

    @Override
    public void mkdir(String path, int mode) throws KernelException {
        check("mkdir", path);
        run("mkdir", path, () -> Files.createDirectory(Path.of(path)));
        for (Map.Entry<String, Map<String, String>> mount : controlFiles.entrySet()) {
            if (path.startsWith(mount.getKey() + "/")) {
                for (Map.Entry<String, String> file : mount.getValue().entrySet()) {
                    run("mkdir", path, () -> Files.writeString(Path.of(path, file.getKey()), file.getValue()));
                }
            }
        }
    }

    @Override
    public void rmdir(String path) throws KernelException {
        check("rmdir", path);
        run("rmdir", path, () -> {
            try (var entries = Files.list(Path.of(path))) {
                List<Path> all = entries.toList();
                if (all.stream().anyMatch(Files::isDirectory)) {
                    throw new DirectoryNotEmptyException(path);
                }
                for (Path file : all) {
                    Files.delete(file);
                }
            }
            Files.delete(Path.of(path));
            return path;
        });
    }

    @Override
    public int open(String path, int flags, int mode) throws KernelException {
        check("open", path);
        if ((flags & O_CREAT) != 0 && !Files.exists(Path.of(path))) {
            run("open", path, () -> Files.createFile(Path.of(path)));
        }
        if (!Files.exists(Path.of(path))) {
            throw new KernelException("open", path, Errno.ENOENT.number());
        }
        open.put(nextFd, path);
        return nextFd++;
    }

    /** From the beginning each time. */
    @Override
    public int read(int fd, ByteBuffer buffer, int length) throws KernelException {
        byte[] text = read(open.get(fd)).getBytes(UTF_8);
        buffer.put(0, text, 0, Math.min(length, text.length));
        return Math.min(length, text.length);
    }

    /** Something has always happened. */
    @Override
    public int poll(int timeoutMillis, int writable, int... fds) {
        return 1;
    }

    @Override
    public void close(int fd) {
        if (open.remove(fd) == null) {
            throw new IllegalStateException("descriptor " + fd + " is closed twice");
        }
    }

    public int openat2(int dirfd, String path, int flags, int mode, long resolve) throws KernelException {
        return open(path, flags, mode);
    }

    /** A plain user's, so that no test reaches for root's folders; it is what {@link #fstat} says of every file. */
    public int effectiveUid() {
        return UID;
    }

    /** Appends, as an O_APPEND descriptor does. */
    public int write(int fd, ByteBuffer buffer, int offset, int length) throws KernelException {
        byte[] bytes = new byte[length];
        buffer.get(offset, bytes);
        String path = open.get(fd);
        run("write", path, () -> Files.writeString(Path.of(path), new String(bytes, UTF_8), StandardOpenOption.APPEND));
        return length;
    }

    public boolean tryLock(int fd) {
        return !lockedByOthers.contains(open.get(fd));
    }

    public Kernel.Stat fstat(int fd) throws KernelException {
        String path = open.get(fd);
        if (!Files.exists(Path.of(path))) {
            return new Kernel.Stat(0, 0, 0, 0, 0, -fd, 0);
        }
        Number mode = (Number) attribute(path, "unix:mode");
        Number ino = (Number) attribute(path, "unix:ino");
        return new Kernel.Stat(mode.intValue(), UID, 0, 0, 0, ino.longValue(), 0);
    }

    public void unlinkat(int dirfd, String path, boolean directory) throws KernelException {
        check("unlinkat", path);
        run("unlinkat", path, () -> {
            Files.delete(Path.of(path));
            return path;
        });
    }

    private static Object attribute(String path, String name) {
        try {
            return Files.getAttribute(Path.of(path), name);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void check(String call, String path) throws KernelException {
        for (Map.Entry<String, Errno> failure : failures.entrySet()) {
            String[] key = failure.getKey().split("\\|");
            if (path.endsWith(key[key.length - 1]) && (key.length == 1 || key[0].equals(call))) {
                if (failuresLeft.merge(failure.getKey(), -1, Integer::sum) == 0) {
                    failures.remove(failure.getKey());
                }
                throw new KernelException(call, path, failure.getValue().number());
            }
        }
    }

    private interface Action<T> {
        T run() throws IOException;
    }

    private static <T> T run(String call, String path, Action<T> action) throws KernelException {
        try {
            return action.run();
        } catch (NoSuchFileException e) {
            throw new KernelException(call, path, Errno.ENOENT.number());
        } catch (FileAlreadyExistsException e) {
            throw new KernelException(call, path, Errno.EEXIST.number());
        } catch (DirectoryNotEmptyException e) {
            throw new KernelException(call, path, Errno.EBUSY.number());
        } catch (AccessDeniedException e) {
            throw new KernelException(call, path, Errno.EACCES.number());
        } catch (IOException e) {
            throw new KernelException(call, path, Errno.EIO.number());
        }
    }
}
