// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.SandboxException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The record as a lock file, {@code cgroups/JVM}: as long as it is locked the JVM lives. Made on first use. */
final class JvmLock implements JvmRecord {
    static final String FOLDER = "cgroups";
    private static final int ATTEMPTS = 10;

    private final Kernel kernel;
    private final Map<String, String> environment;
    private final Set<String> directories = new HashSet<>();
    private @Nullable LockFile lock;
    private String name = "";

    JvmLock(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    @Override
    public synchronized String name() throws SandboxException {
        held();
        return name;
    }

    @Override
    public synchronized void record(String directory) throws SandboxException {
        if (!directories.contains(directory)) {
            held().append(directory);
            directories.add(directory);
        }
    }

    @Override
    public synchronized void close() throws SandboxException {
        if (lock != null) {
            lock.delete();
            lock = null;
        }
    }

    private LockFile held() throws SandboxException {
        if (lock != null) {
            return lock;
        }
        String folder = RuntimeDirectory.open(kernel, environment).folder(FOLDER);
        for (int i = 0; i < ATTEMPTS; i++) {
            name = "jvm-" + kernel.read("/proc/sys/kernel/random/uuid").substring(24, 36);
            Optional<LockFile> taken = LockFile.tryMake(kernel, folder + "/" + name);
            if (taken.isPresent()) {
                lock = taken.get();
                return lock;
            }
        }
        throw new SandboxException(
                "lock", folder + "/" + name, null, "a sweep took each of " + ATTEMPTS + " new files");
    }
}
