// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.nio.ByteBuffer;

/**
 * Files of the kernel's own file systems (cgroupfs, procfs), by path: a write is one write(2), as such files want it.
 * Small enough to be put over a temporary directory in a unit test. Thread-safe.
 */
public interface KernelFiles {
    /** For {@link #poll}: POLLPRI, which kernfs gives when a file such as cgroup.events has changed. */
    int CHANGED = -1;

    /** How many descriptors one {@link #poll} takes: its answer has a bit for each, and a negative one is an error. */
    int MOST_POLLED = 31;

    /** Opens the existing file for writing, writes the value in one write(2), closes it. */
    void write(String path, String value) throws KernelException;

    /** The whole file, as UTF-8. */
    String read(String path) throws KernelException;

    /** read(2) into the buffer's first {@code length} bytes: how many, 0 at end of file, or WOULD_BLOCK. */
    int read(int fd, ByteBuffer buffer, int length) throws KernelException;

    /**
     * poll(2) on up to {@link #MOST_POLLED} descriptors, for room to write on those whose bit is in {@code writable} and for input on the
     * others: a bit for each that is ready or hung up, 0 when the time was up (-1: never). With
     * {@link #CHANGED} for {@code writable}, for a change of a kernel file since it was read through that descriptor. A
     * virtual thread that waits without a time-out parks.
     */
    int poll(int timeoutMillis, int writable, int... fds) throws KernelException;

    /** mkdir(2), whose mode the process's umask leaves alone. Where nobody else may put anything in between. */
    void mkdir(String path, int mode) throws KernelException;

    /** rmdir(2). */
    void rmdir(String path) throws KernelException;

    /** open(2) with O_CLOEXEC added; the caller closes it. */
    int open(String path, int flags, int mode) throws KernelException;

    void close(int fd);
}
