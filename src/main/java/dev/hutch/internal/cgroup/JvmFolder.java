// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Makes {@code hutch/JVM} below parents, once below each, and removes them in the end. Thread-safe. */
final class JvmFolder {
    private static final int ATTEMPTS = 10;
    private static final int MODE = 0755;
    private static final int LONGEST_NAME = 64;

    private final KernelFiles files;
    private final JvmRecord jvm;
    private final Map<String, String> made = new LinkedHashMap<>();
    private final AtomicLong containers = new AtomicLong();
    private boolean inhabited;

    JvmFolder(KernelFiles files, JvmRecord jvm) {
        this.files = files;
        this.jvm = jvm;
    }

    /** What a new folder needs before it is used. */
    interface Preparation {
        void prepare(String top, String folder) throws SandboxException;
    }

    /**
     * The folder below the parent directory.
     *
     * @param suffix added to the folder's name, where one parent needs several
     */
    synchronized String below(String parent, String suffix, Preparation preparation) throws SandboxException {
        String existing = made.get(parent + suffix);
        if (existing != null) {
            return existing;
        }
        String top = parent + "/hutch";
        String folder = make(top, suffix);
        made.put(parent + suffix, folder);
        preparation.prepare(top, folder);
        return folder;
    }

    /** A directory name for a container that no other of this JVM has, and that leads nowhere else. */
    String unique(String name) {
        StringBuilder safe = new StringBuilder(name.length() + 8);
        for (int i = 0; i < Math.min(name.length(), LONGEST_NAME); i++) {
            char c = name.charAt(i);
            boolean plain = (c < 128 && Character.isLetterOrDigit(c)) || c == '-';
            safe.append(plain ? c : '_');
        }
        return safe.append('-').append(containers.incrementAndGet()).toString();
    }

    /** Whether the JVM itself sits below one of the folders: then they stay, locked, until it has ended. */
    synchronized void inhabited(boolean now) {
        inhabited = now;
    }

    synchronized void close() throws SandboxException {
        if (inhabited) {
            return;
        }
        for (Map.Entry<String, String> entry : made.entrySet()) {
            CgroupTree.remove(files, entry.getValue());
            CgroupTree.removeIfEmpty(
                    files, entry.getValue().substring(0, entry.getValue().lastIndexOf('/')));
        }
        made.clear();
        jvm.close();
    }

    /** Another JVM that ends may remove the common top between our two steps. */
    private String make(String top, String suffix) throws SandboxException {
        for (int attempt = 1; ; attempt++) {
            makeIfMissing(top);
            String folder = top + "/" + jvm.name() + suffix;
            jvm.record(folder);
            try {
                files.mkdir(folder, MODE);
                return folder;
            } catch (KernelException refusal) {
                if (!refusal.is(Errno.ENOENT) || attempt == ATTEMPTS) {
                    throw refusal;
                }
            }
        }
    }

    private void makeIfMissing(String directory) throws KernelException {
        try {
            files.mkdir(directory, MODE);
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.EEXIST)) {
                throw refusal;
            }
        }
    }
}
