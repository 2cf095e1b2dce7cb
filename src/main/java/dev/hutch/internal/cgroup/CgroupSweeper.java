// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Removes the cgroups of JVMs that were killed. A JVM is dead when its lock file can be locked; what has no lock file
 * is somebody else's and stays. Several may sweep at once: each file is worked on by the one that holds it.
 */
public final class CgroupSweeper {
    private final Kernel kernel;
    private final Map<String, String> environment;

    public CgroupSweeper(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    /**
     * Ends and removes whatever dead JVMs of this user left: how many they were.
     *
     * @throws SandboxException if something could not be removed; the rest was, and the next sweep tries again
     */
    public int sweep() throws SandboxException {
        String folder = RuntimeDirectory.open(kernel, environment).folder(JvmLock.FOLDER);
        String[] names = new File(folder).list((parent, name) -> name.startsWith("jvm-"));
        List<SandboxException> failures = new ArrayList<>();
        int swept = 0;
        for (String name : names == null ? new String[0] : names) {
            try {
                Optional<LockFile> dead = LockFile.tryTake(kernel, folder + "/" + name);
                if (dead.isPresent()) {
                    sweep(dead.get(), name);
                    swept++;
                }
            } catch (SandboxException failure) {
                failures.add(failure);
            }
        }
        if (!failures.isEmpty()) {
            SandboxException first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
        return swept;
    }

    private void sweep(LockFile dead, String name) throws SandboxException {
        try {
            List<String> directories = recorded(dead, name);
            for (String directory : directories) {
                CgroupTree.thaw(kernel, directory);
            }
            for (String directory : directories) {
                if (new File(directory).isDirectory()) {
                    end(directory);
                    CgroupTree.remove(kernel, directory);
                    CgroupTree.removeIfEmpty(kernel, new File(directory).getParent());
                }
            }
            dead.delete();
        } finally {
            dead.close();
        }
    }

    private void end(String directory) throws SandboxException {
        try {
            CgroupTree.kill(kernel, directory, pid -> CgroupTree.signal(kernel, pid, directory));
        } catch (UncheckedIOException failure) {
            throw new SandboxException("kill", directory, "run as the user whose containers these were", failure);
        }
    }

    /** Those that stop forks come first: where a fork bomb can go on, rounds of signals never end. */
    private List<String> recorded(LockFile dead, String name) throws SandboxException {
        CgroupMounts mounts = CgroupMounts.detect(kernel);
        Set<String> mountPoints = new HashSet<>();
        mounts.v1().values().forEach(hierarchy -> mountPoints.add(hierarchy.mountPoint()));
        mounts.unified().ifPresent(hierarchy -> mountPoints.add(hierarchy.mountPoint()));
        return kernel.read(dead.path())
                .lines()
                .filter(path -> path.contains("/hutch/" + name)
                        && path.indexOf('/', path.indexOf("/hutch/" + name) + 7) < 0
                        && mountPoints.stream().anyMatch(mountPoint -> path.startsWith(mountPoint + "/")))
                .sorted(Comparator.comparing(path -> !new File(path, "pids.max").exists()))
                .toList();
    }
}
