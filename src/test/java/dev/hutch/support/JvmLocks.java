// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The lock files that root's JVMs hold while they have cgroups, and the cgroups that are named after them. */
public final class JvmLocks {
    private static final Path FOLDER = Path.of("/run/hutch/cgroups");

    private JvmLocks() {}

    /** That of one JVM, once it has one; others may have theirs beside it. */
    public static Path await(Process owner) throws Exception {
        while (owner.isAlive()) {
            try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(owner.pid()), "fd"))) {
                for (Path descriptor : descriptors.toList()) {
                    Path target = Files.exists(descriptor) ? Files.readSymbolicLink(descriptor) : descriptor;
                    // Not the folder itself, which the owner reads as well.
                    if (FOLDER.equals(target.getParent())) {
                        return target;
                    }
                }
            } catch (NoSuchFileException closedMeanwhile) {
                continue;
            }
            Thread.sleep(5);
        }
        throw new IllegalStateException("the owner has ended");
    }

    /** Until a sweep has removed them. */
    public static void awaitSweep(List<Path> locks) throws InterruptedException {
        while (locks.stream().anyMatch(Files::exists)) {
            Thread.sleep(10);
        }
    }

    /** A lock file's name is its JVM's, and that of its folder in each hierarchy. */
    public static List<String> folders(List<Path> locks) {
        List<String> found = new ArrayList<>();
        for (Path place : CgroupMachine.here().mountPoints()) {
            for (Path lock : locks) {
                Path folder = place.resolve("hutch").resolve(lock.getFileName());
                if (Files.isDirectory(folder)) {
                    found.add(folder.toString());
                }
            }
        }
        return found;
    }

    /** Processes in such a cgroup: pid and name. */
    public static List<String> processes(List<Path> locks) {
        List<String> found = new ArrayList<>();
        for (File process : Objects.requireNonNull(new File("/proc").listFiles((proc, name) -> name.matches("\\d+")))) {
            try {
                String cgroups = Files.readString(process.toPath().resolve("cgroup"));
                if (locks.stream().anyMatch(lock -> cgroups.contains("/hutch/" + lock.getFileName() + "/"))) {
                    found.add(process.getName() + " "
                            + Files.readString(process.toPath().resolve("comm")).strip());
                }
            } catch (IOException gone) {
                continue;
            }
        }
        return found;
    }
}
