// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The folder in which the JVMs of one user meet, by lock files: {@code /run/hutch} for root, else {@code hutch} below
 * XDG_RUNTIME_DIR, else {@code /tmp/hutch-UID}. Thread-safe.
 */
public final class RuntimeDirectory {
    private static final int O_PATH = 0x200000;
    private static final long RESOLVE_NO_SYMLINKS = 4;
    private static final int WRITABLE_BY_OTHERS = 0x12;

    private final Kernel kernel;
    private final String path;

    private RuntimeDirectory(Kernel kernel, String path) {
        this.kernel = kernel;
        this.path = path;
    }

    /** Finds the folder, or makes it, and checks that nobody else could have planted or can change it. */
    public static RuntimeDirectory open(Kernel kernel, Map<String, String> environment) throws SandboxException {
        int uid = kernel.effectiveUid();
        List<String> candidates = new ArrayList<>();
        if (uid == 0) {
            candidates.add("/run/hutch");
        } else if (environment.getOrDefault("XDG_RUNTIME_DIR", "").startsWith("/")) {
            candidates.add(environment.get("XDG_RUNTIME_DIR") + "/hutch");
        }
        candidates.add("/tmp/hutch-" + Integer.toUnsignedString(uid));
        List<KernelException> refusals = new ArrayList<>();
        for (String candidate : candidates) {
            try {
                make(kernel, candidate);
                check(kernel, candidate, uid);
                return new RuntimeDirectory(kernel, candidate);
            } catch (KernelException refusal) {
                refusals.add(refusal);
            }
        }
        KernelException last = refusals.remove(refusals.size() - 1);
        refusals.forEach(last::addSuppressed);
        throw last.withCure("one of " + String.join(", ", candidates)
                + " is needed for lock files: make it writable, or set XDG_RUNTIME_DIR");
    }

    /** The path of a file or folder within. */
    public String resolve(String name) {
        return path + "/" + name;
    }

    /** A folder within, made where it is missing. */
    public String folder(String name) throws KernelException {
        make(kernel, resolve(name));
        return resolve(name);
    }

    private static void make(Kernel kernel, String path) throws KernelException {
        try {
            kernel.mkdir(path, 0700);
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.EEXIST)) {
                throw refusal;
            }
        }
    }

    /** In /tmp anybody may have been first: with a symlink to a folder of ours, or with a folder of their own. */
    private static void check(Kernel kernel, String path, int uid) throws SandboxException {
        int fd = kernel.openat2(Kernel.AT_FDCWD, path, O_PATH, 0, RESOLVE_NO_SYMLINKS);
        try {
            Kernel.Stat stat = kernel.fstat(fd);
            if (!stat.isFolder() || stat.uid() != uid || (stat.mode() & WRITABLE_BY_OTHERS) != 0) {
                throw new SandboxException(
                        "use",
                        path,
                        null,
                        "it is not a folder of uid " + uid + " that only its owner may write: remove it");
            }
        } finally {
            kernel.close(fd);
        }
    }
}
