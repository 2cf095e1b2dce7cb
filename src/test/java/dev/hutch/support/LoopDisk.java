// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A block device of a test's own: a file's bytes, by loop(4). Everybody may use it, as a sandbox's ids need it, by a node of
 * its own; the host's stays as it is.
 */
public final class LoopDisk implements AutoCloseable {
    private final Path file;
    private final Path device;
    private final Path node;

    private LoopDisk(Path file, Path device) {
        this.file = file;
        this.device = device;
        this.node = file.resolveSibling(file.getFileName() + ".node");
    }

    public static LoopDisk make() throws IOException {
        Path file = Files.createTempFile("disk", ".img");
        try {
            Files.write(file, new byte[4 << 20]);
            LoopDisk disk = new LoopDisk(
                    file,
                    Path.of(Tool.run("losetup", "--find", "--show", file.toString())
                            .strip()));
            disk.makeNode();
            return disk;
        } catch (IOException e) {
            Files.delete(file);
            throw e;
        }
    }

    private void makeNode() throws IOException {
        try {
            String[] number = number().split(":");
            Tool.run("mknod", "-m", "666", node.toString(), "b", number[0], number[1]);
        } catch (IOException e) {
            Tool.run("losetup", "--detach", device.toString());
            throw e;
        }
    }

    public Path node() {
        return node;
    }

    /** MAJOR:MINOR, as the kernel's files name it. */
    public String number() throws IOException {
        return Files.readString(Path.of("/sys/block", device.getFileName().toString(), "dev"))
                .strip();
    }

    @Override
    public void close() throws IOException {
        try {
            Tool.run("losetup", "--detach", device.toString());
        } finally {
            Files.deleteIfExists(node);
            Files.delete(file);
        }
    }
}
