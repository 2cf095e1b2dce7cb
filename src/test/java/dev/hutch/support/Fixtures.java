// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.commons.io.FileUtils;

/** Things that are made once and kept under target/test-fixtures for all tests. Safe among threads and processes. */
final class Fixtures {
    private static final Path DIRECTORY = Path.of("target", "test-fixtures").toAbsolutePath();

    private Fixtures() {}

    /** Makes a file or a folder at the path that it is given. */
    interface Maker {
        void make(Path target) throws IOException;
    }

    static Path directory() {
        return DIRECTORY;
    }

    /** The fixture of that name: made under another name and renamed, so that no one ever sees half of it. */
    static Path once(String name, Maker maker) {
        return once(DIRECTORY, name, maker);
    }

    static synchronized Path once(Path directory, String name, Maker maker) {
        Path target = directory.resolve(name);
        try {
            if (!Files.exists(target)) {
                Files.createDirectories(directory);
                Path draft = directory.resolve(
                        name + ".draft-" + ProcessHandle.current().pid());
                try {
                    maker.make(draft);
                    publish(draft, target);
                } finally {
                    FileUtils.deleteQuietly(draft.toFile());
                }
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("fixture " + target + " can't be made: " + e.getMessage(), e);
        }
    }

    private static void publish(Path draft, Path target) throws IOException {
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another process was first: its folder isn't empty, so rename(2) refused, and serves as well as ours.
            if (!Files.exists(target)) {
                throw e;
            }
        }
    }
}
