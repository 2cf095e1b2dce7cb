// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.files;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;

/**
 * Opens what stands in a folder, one name at a time, through no link: openat2(2), since Linux 5.6. What it is, is asked
 * of a descriptor that opens nothing (O_PATH): no driver and no other end of a pipe hears of it.
 */
final class Beneath {
    private static final int O_CREATE_NEW = 01 | 0100 | 0200;
    private static final int O_NONBLOCK = 04000;
    private static final int O_NOCTTY = 0400;
    /** One of the few whose number differs; aarch64's is in its asm/fcntl.h. */
    private static final int O_NOFOLLOW = System.getProperty("os.arch").equals("aarch64") ? 0100000 : 0400000;

    private static final int O_PATH = 0x200000;

    private static final long NO_LINKS_BENEATH = 2 | 4 | 8;

    private Beneath() {}

    /** A folder of the caller's, by its path. */
    static int root(Kernel kernel, String path) throws KernelException {
        return kernel.open(path, O_PATH, 0);
    }

    /**
     * What stands there; ELOOP for a symbolic link. That is opened first, and not refused by the kernel: in a sticky folder
     * it would say EACCES (proc(5), protected_symlinks).
     */
    static int look(Kernel kernel, int folder, String name) throws KernelException {
        int fd = kernel.openat2(folder, name, O_PATH | O_NOFOLLOW, 0, NO_LINKS_BENEATH);
        boolean kept = false;
        try {
            if (kernel.fstat(fd).isSymbolicLink()) {
                throw new KernelException("open", name, Errno.ELOOP.number());
            }
            kept = true;
            return fd;
        } finally {
            if (!kept) {
                kernel.close(fd);
            }
        }
    }

    static int folder(Kernel kernel, int parent, String name) throws KernelException {
        int fd = look(kernel, parent, name);
        try {
            if (!kernel.fstat(fd).isFolder()) {
                throw new KernelException("open", name, Errno.ENOTDIR.number());
            }
            return fd;
        } catch (KernelException e) {
            kernel.close(fd);
            throw e;
        }
    }

    /** For reading; exactly what {@link #look} saw, which nobody can have exchanged. Never waits for anybody. */
    static int reopen(Kernel kernel, int seen) throws KernelException {
        return kernel.open("/proc/self/fd/" + seen, O_NONBLOCK | O_NOCTTY, 0);
    }

    static int create(Kernel kernel, int folder, String name, int mode) throws KernelException {
        return kernel.openat2(folder, name, O_CREATE_NEW | O_NOCTTY, mode, NO_LINKS_BENEATH);
    }
}
