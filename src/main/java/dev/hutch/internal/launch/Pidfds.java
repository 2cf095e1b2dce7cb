// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;

/**
 * A child's two processes, by descriptors that it owns: the first one, which is init or a guard, and the command. Each use
 * is under the lock, so that a descriptor is not another's by now. Thread-safe.
 */
final class Pidfds {
    private final Kernel kernel;
    private int first = -1;
    private int watch = -1;
    private int command = -1;
    private int commandPid;
    private boolean closed;

    Pidfds(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Takes over the first process's, also where all have been closed. */
    synchronized void first(int pidfd) throws KernelException {
        first = pidfd;
        try {
            watch = kernel.dup(pidfd);
        } finally {
            if (closed) {
                close();
            }
        }
    }

    /** Takes over that of the process that will be the command. */
    synchronized void command(int pid, int pidfd) {
        commandPid = pid;
        command = pidfd;
        if (closed) {
            close();
        }
    }

    /** The command's pid as this JVM sees it. */
    synchronized int commandPid() {
        return commandPid;
    }

    /** Readable once the first process has ended. Given once; the taker closes it, also after all others. */
    synchronized int takeWatch() {
        int fd = watch;
        watch = -1;
        return fd;
    }

    /** The first process's once more; the caller closes it. */
    synchronized int copyOfFirst() throws SandboxException {
        if (first < 0) {
            throw Joining.ended("launch", null);
        }
        return kernel.dup(first);
    }

    /** The command's once more; the caller closes it. */
    synchronized int copyOfCommand() throws SandboxException {
        if (command < 0) {
            throw Joining.ended("exec", null);
        }
        return kernel.dup(command);
    }

    synchronized boolean isFirstOver() throws KernelException {
        return isOver(first);
    }

    synchronized boolean isCommandOver() throws KernelException {
        return isOver(command);
    }

    private boolean isOver(int pidfd) throws KernelException {
        return pidfd < 0 || kernel.poll(0, 0, pidfd) != 0;
    }

    synchronized void signalFirst(int number) throws KernelException {
        signal(first, number);
    }

    synchronized void signalCommand(int number) throws KernelException {
        signal(command, number);
    }

    /** The command; as long as there is none, the first process. */
    synchronized void signalCommandOrFirst(int number) throws KernelException {
        signal(command >= 0 ? command : first, number);
    }

    /** One that has ended takes none, and that is no failure. */
    private void signal(int pidfd, int number) throws KernelException {
        if (pidfd < 0) {
            return;
        }
        try {
            kernel.pidfdSendSignal(pidfd, number);
        } catch (KernelException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /** Closes all but the watch. */
    synchronized void close() {
        closed = true;
        first = closed(first);
        command = closed(command);
    }

    private int closed(int fd) {
        if (fd >= 0) {
            kernel.close(fd);
        }
        return -1;
    }
}
