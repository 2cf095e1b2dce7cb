// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A block device of a test's own: a file's bytes, by loop(4). Everybody may use it, as a sandbox's ids need it. */
public final class LoopDisk implements AutoCloseable {
    private final Path file;
    private final Path node;
    private final Set<PosixFilePermission> before;

    private LoopDisk(Path file, Path node) throws IOException {
        this.file = file;
        this.node = node;
        this.before = Files.getPosixFilePermissions(node);
    }

    public static LoopDisk make() throws IOException {
        Path file = Files.createTempFile("disk", ".img");
        try {
            Files.write(file, new byte[4 << 20]);
            String node = Tool.run("losetup", "--find", "--show", file.toString());
            LoopDisk disk = new LoopDisk(file, Path.of(node.strip()));
            Files.setPosixFilePermissions(disk.node, PosixFilePermissions.fromString("rw-rw-rw-"));
            return disk;
        } catch (IOException e) {
            Files.delete(file);
            throw e;
        }
    }

    public Path node() {
        return node;
    }

    /** MAJOR:MINOR, as the kernel's files name it. */
    public String number() throws IOException {
        return Files.readString(Path.of("/sys/block", node.getFileName().toString(), "dev"))
                .strip();
    }

    @Override
    public void close() throws IOException {
        Files.setPosixFilePermissions(node, before);
        Tool.run("losetup", "--detach", node.toString());
        Files.delete(file);
    }
}
