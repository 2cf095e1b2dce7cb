// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A cgroup of a plain user's in every hierarchy, as a service manager delegates one. Made and removed by root. */
public final class Delegation implements AutoCloseable {
    private static final String MARK = "dev.hutch.support.delegated";

    private final String path;
    private final List<Path> folders = new ArrayList<>();

    private Delegation(String path) {
        this.path = path;
    }

    /** The cgroup that this JVM may divide, from the hierarchies' roots; empty where there is none. */
    public static Optional<Path> here() {
        Optional<Path> ours = Optional.ofNullable(System.getProperty(MARK)).map(Path::of);
        return ours.isPresent() || PlainUser.isRoot() || CgroupMachine.here().isV1() ? ours : aroundThisJvm();
    }

    /** On v2 a service manager puts a process into a leaf of what it delegates. */
    private static Optional<Path> aroundThisJvm() {
        CgroupMachine machine = CgroupMachine.here();
        try {
            Path above =
                    machine.directory("memory", ProcessHandle.current().pid()).getParent();
            return Optional.of(machine.v2().orElseThrow())
                    .filter(mount -> above.startsWith(mount) && Files.isWritable(above))
                    .map(mount -> Path.of("/").resolve(mount.relativize(above)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Delegation to(int uid) throws IOException {
        Delegation delegation =
                new Delegation("/plain-user-tests-" + ProcessHandle.current().pid());
        for (Path mount : CgroupMachine.here().mountPoints()) {
            delegation.make(mount, uid);
        }
        return delegation;
    }

    private void make(Path mount, int uid) throws IOException {
        Path folder = Files.createDirectory(Path.of(mount + path));
        folders.add(folder);
        if (Files.exists(mount.resolve("cgroup.subtree_control"))) {
            String controllers =
                    Files.readString(mount.resolve("cgroup.controllers")).strip();
            for (String controller : controllers.isEmpty() ? new String[0] : controllers.split(" ")) {
                Files.writeString(mount.resolve("cgroup.subtree_control"), "+" + controller);
            }
        }
        if (Files.exists(folder.resolve("cpuset.mems"))) {
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                if (Files.readString(folder.resolve(file)).isBlank()) {
                    Files.writeString(folder.resolve(file), Files.readString(mount.resolve(file)));
                }
            }
        }
        // Processes stand in a leaf: v2 has none in a cgroup that is divided.
        give(folder, uid);
        give(Files.createDirectory(folder.resolve("jvm")), uid);
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            if (Files.exists(folder.resolve("jvm").resolve(file)) && Files.exists(folder.resolve("tasks"))) {
                Files.writeString(folder.resolve("jvm").resolve(file), Files.readString(folder.resolve(file)));
            }
        }
    }

    private static void give(Path folder, int uid) throws IOException {
        Files.setAttribute(folder, "unix:uid", uid);
        for (String file : List.of("cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks")) {
            if (Files.exists(folder.resolve(file))) {
                Files.setAttribute(folder.resolve(file), "unix:uid", uid);
            }
        }
    }

    /** What tells the JVM of it. */
    String option() {
        return "-D" + MARK + "=" + path;
    }

    /** Shell words that put the shell itself there. */
    String joinCommand() {
        StringBuilder words = new StringBuilder();
        for (Path folder : folders) {
            words.append("echo $$ > ").append(folder).append("/jvm/cgroup.procs && ");
        }
        return words.toString();
    }

    /** The processes in it have ended. */
    @Override
    public void close() throws IOException {
        for (Path folder : folders) {
            remove(folder);
        }
    }

    private static void remove(Path folder) throws IOException {
        for (int attempt = 0; ; attempt++) {
            try (Stream<Path> below = Files.list(folder)) {
                for (Path child : below.filter(Files::isDirectory).toList()) {
                    remove(child);
                }
                Files.delete(folder);
                return;
            } catch (DirectoryNotEmptyException | java.nio.file.NoSuchFileException e) {
                throw e;
            } catch (FileSystemException busy) {
                // The kernel keeps a cgroup for a moment after its last process has been reaped.
                if (attempt == 200) {
                    throw busy;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a cgroup was removed", e);
        }
    }
}
