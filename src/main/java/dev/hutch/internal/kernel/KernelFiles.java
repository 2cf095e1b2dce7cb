// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

/**
 * Files of the kernel's own file systems (cgroupfs, procfs), by path: a write is one write(2), as such files want it.
 * Small enough to be put over a temporary directory in a unit test. Thread-safe.
 */
public interface KernelFiles {
    /** Opens the existing file for writing, writes the value in one write(2), closes it. */
    void write(String path, String value) throws KernelException;

    /** The whole file, as UTF-8. */
    String read(String path) throws KernelException;

    /** mkdir(2). */
    void mkdir(String path, int mode) throws KernelException;

    /** rmdir(2). */
    void rmdir(String path) throws KernelException;

    /** open(2) with O_CLOEXEC added; the caller closes it. */
    int open(String path, int flags, int mode) throws KernelException;

    void close(int fd);
}
