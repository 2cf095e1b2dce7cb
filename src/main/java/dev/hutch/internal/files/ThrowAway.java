// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.LockFile;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A folder on disk for one container, whose tree an untrusted program has made: of any depth, which no path and no stack
 * holds. So its removal keeps two folders open at most: what is deeper is first moved up.
 */
public final class ThrowAway implements AutoCloseable {
    private final Path folder;
    private final @Nullable LockFile lock;

    // A name that the program can't have guessed: nothing stands there.
    private final String prefix = java.util.UUID.randomUUID() + "-";
    private long moved;

    private ThrowAway(Path folder, @Nullable LockFile lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** For its owner alone; the lock is let go of when it has been removed. */
    static ThrowAway make(Path folder, LockFile lock) throws SandboxException {
        try {
            var ours = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            return new ThrowAway(Files.createDirectory(folder, ours).toRealPath(), lock);
        } catch (IOException e) {
            throw new SandboxException(
                    "mkdir",
                    System.getProperty("java.io.tmpdir"),
                    "a sandbox without a workspace gets a folder there for its files: make it writable, or set one",
                    e);
        }
    }

    public Path folder() {
        return folder;
    }

    /** Removes it with all that is in it. The container must be gone. */
    @Override
    public void close() throws SandboxException {
        try {
            removeAll();
            if (lock != null) {
                lock.delete();
            }
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    /** One that a dead JVM made. */
    static void remove(Path folder) throws SandboxException {
        new ThrowAway(folder, null).removeAll();
    }

    private void removeAll() throws SandboxException {
        try {
            open(folder);
            boolean more = true;
            while (more) {
                try (DirectoryStream<Path> listing = Files.newDirectoryStream(folder)) {
                    SecureDirectoryStream<Path> root = secure(listing);
                    more = false;
                    for (Path entry : root) {
                        remove(root, entry.getFileName());
                        more = true;
                    }
                }
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new SandboxException(
                    "remove", folder.toString(), "what a sandbox left in its own workspace: remove it by hand", e);
        }
    }

    private void remove(SecureDirectoryStream<Path> root, Path name) throws IOException {
        if (!Files.isDirectory(folder.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
            root.deleteFile(name);
            return;
        }
        open(folder.resolve(name));
        try (SecureDirectoryStream<Path> inner = root.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            Path proper = folder.resolve(name);
            for (Path entry : inner) {
                Path each = entry.getFileName();
                if (Files.isDirectory(proper.resolve(each), LinkOption.NOFOLLOW_LINKS)) {
                    // To move a folder is to write into it.
                    open(proper.resolve(each));
                    inner.move(each, root, Path.of(prefix + moved++));
                } else {
                    inner.deleteFile(each);
                }
            }
        }
        root.deleteDirectory(name);
    }

    /** The program may have taken its own rights away. Nobody is left to put a link in its place meanwhile. */
    private static void open(Path real) throws IOException {
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this JDK's file system has no openat(2)");
    }
}
