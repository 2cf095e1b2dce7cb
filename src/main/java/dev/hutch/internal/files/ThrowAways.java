// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.LockFile;
import dev.hutch.internal.kernel.RuntimeDirectory;
import dev.hutch.spec.SandboxException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes throw-away folders so that none outlives a JVM that was killed: each has a lock file, held as long as the folder is
 * wanted, that says where it is. A lock that can be had is a dead JVM's. Thread-safe.
 */
public final class ThrowAways {
    private static final String LOCKS = "files";
    private static final String PREFIX = "hutch-files-";

    private final Kernel kernel;
    private final Map<String, String> environment;

    public ThrowAways(Kernel kernel, Map<String, String> environment) {
        this.kernel = kernel;
        this.environment = environment;
    }

    /** In java.io.tmpdir, for its owner alone. */
    public ThrowAway make() throws SandboxException {
        String name = PREFIX + UUID.randomUUID();
        LockFile lock = LockFile.tryMake(kernel, locks() + "/" + name)
                .orElseThrow(() -> new SandboxException("lock", name, null, "a sweep took the new file: try again"));
        try {
            // In the lock file before it is made: there is no moment in which nobody knows of it.
            Path folder = Path.of(System.getProperty("java.io.tmpdir"), name).toAbsolutePath();
            lock.append(folder.toString());
            return ThrowAway.make(folder, lock);
        } catch (SandboxException | RuntimeException e) {
            lock.delete();
            throw e;
        }
    }

    /**
     * Removes those of dead JVMs of this user; their containers must be gone.
     *
     * @throws SandboxException if one could not be removed; the next sweep tries again
     */
    public int sweep() throws IOException {
        String folder = locks();
        String[] names = new File(folder).list((parent, name) -> name.startsWith(PREFIX));
        int swept = 0;
        for (String name : names == null ? new String[0] : names) {
            Optional<LockFile> dead = LockFile.tryTake(kernel, folder + "/" + name);
            if (dead.isPresent()) {
                remove(dead.get(), name);
                swept++;
            }
        }
        return swept;
    }

    /** Where another took the name meanwhile, in a folder that is everybody's, it stays. */
    private void remove(LockFile dead, String name) throws IOException {
        try (dead) {
            Path folder = Path.of(kernel.read(dead.path()).strip());
            if (folder.endsWith(name)
                    && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && owner(folder) == kernel.effectiveUid()) {
                ThrowAway.remove(folder);
            }
            dead.delete();
        }
    }

    private static int owner(Path folder) throws IOException {
        return (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private String locks() throws SandboxException {
        return RuntimeDirectory.open(kernel, environment).folder(LOCKS);
    }
}
