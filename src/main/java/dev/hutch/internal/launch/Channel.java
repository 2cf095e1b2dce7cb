// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Java's end of the socket to one container's first processes: struct hutch_message and hutch_go of plan.h. */
final class Channel implements AutoCloseable {
    static final int CLONED = 1;
    static final int READY = 2;
    static final int FAILED = 3;
    static final int MESSAGE_SIZE = 20;

    static final int GO_MAGIC = 0x31474348;
    static final int GO_SIZE = 20;
    static final int GO_IDS = 1;
    static final int GO_SETGROUPS = 2;
    static final int GO_UNSHARE_CGROUP = 4;
    static final int GO_UNSHARE_TIME = 8;

    private static final PlanPart NO_PART = new PlanPart(java.util.List.of());

    /**
     * The child's first process as the zygote made it.
     *
     * @param clone3Hidden whether clone(2) made it, which can't be asked for a cgroup or a time namespace
     */
    record Cloned(int pid, int pidfd, boolean clone3Hidden) {}

    private final Kernel kernel;
    private final int fd;
    private final ByteBuffer buffer = Buffers.direct(64);
    private final long patience;
    private boolean closed;

    Channel(Kernel kernel, int fd) {
        this(kernel, fd, 0);
    }

    /** @param patience how many milliseconds an answer may take; 0 for any time */
    Channel(Kernel kernel, int fd, long patience) {
        this.kernel = kernel;
        this.fd = fd;
        this.patience = patience;
    }

    Cloned cloned() throws SandboxException {
        Kernel.Message message = await(CLONED, NO_PART);
        return new Cloned(buffer.getInt(16), message.fds()[0], buffer.getInt(8) != 0);
    }

    /**
     * Waits until the part has been walked: the pid of the process that did, as this JVM sees it, and the sockets that
     * it made, which the caller owns.
     */
    Kernel.Message ready(PlanPart part) throws SandboxException {
        return await(READY, part);
    }

    /**
     * The first process may go on: joins the cgroups and the namespaces, takes the ids of the map's root, becomes init.
     *
     * @param unshare CLONE_NEWCGROUP and CLONE_NEWTIME: namespaces that are new from then on; 0 for none
     * @param join CLONE_NEW flags of the namespaces to join; 0 for none
     * @param fds the cgroups' {@code tasks} or {@code cgroup.procs} files, and then a pidfd of whose namespaces are joined
     */
    void go(Ids map, long unshare, long join, int... fds) throws SandboxException {
        int flags = (map.mapped() ? GO_IDS : 0)
                | (map.switches() ? GO_SETGROUPS : 0)
                | ((unshare & Namespace.CGROUP.cloneFlag()) != 0 ? GO_UNSHARE_CGROUP : 0)
                | ((unshare & Namespace.TIME.cloneFlag()) != 0 ? GO_UNSHARE_TIME : 0);
        buffer.putInt(0, GO_MAGIC)
                .putInt(4, flags)
                .putInt(8, (int) map.rootUid())
                .putInt(12, (int) map.rootGid())
                .putInt(16, (int) join);
        try {
            kernel.send(fd, buffer, GO_SIZE, fds);
        } catch (KernelException e) {
            throw failure(e);
        }
    }

    void send(PlanPart part, Parts.Opener opener) throws IOException {
        KernelException refusal = refusal(part, opener);
        if (refusal != null) {
            throw failure(refusal);
        }
    }

    /**
     * Sends a part while the child walks another. Where it has gone meanwhile, the next that is received from it says why.
     */
    void sendAhead(PlanPart part, Parts.Opener opener) throws IOException {
        KernelException refusal = refusal(part, opener);
        if (refusal != null && !isHungUp(refusal)) {
            throw refusal;
        }
    }

    /** Sends it: why the kernel refused that, or null. What can't be opened is thrown. */
    private @Nullable KernelException refusal(PlanPart part, Parts.Opener opener) throws IOException {
        try (Parts opened = Parts.open(kernel, part, opener)) {
            try {
                opened.send(fd);
                return null;
            } catch (KernelException e) {
                return e;
            }
        }
    }

    private static boolean isHungUp(KernelException e) {
        return e.is(Errno.EPIPE) || e.is(Errno.ECONNRESET);
    }

    /** Waits for execve: end of file, since the channel is close-on-exec. */
    void executed(PlanPart last) throws SandboxException {
        if (receive(last).length() != 0) {
            throw outOfTurn("the child spoke out of turn");
        }
    }

    private Kernel.Message await(int kind, PlanPart part) throws SandboxException {
        Kernel.Message message = receive(part);
        if (message.length() == 0) {
            throw new EndedException();
        }
        if (buffer.getInt(0) != kind) {
            throw outOfTurn("the child spoke out of turn");
        }
        return message;
    }

    private static SandboxException outOfTurn(String what) {
        return new SandboxException(
                "launch",
                "",
                Errno.EIO,
                what
                        + ": have one version of Hutch on the class path; if there is but one, it is Hutch's defect, to be reported");
    }

    /** One message; a failure that it tells becomes an exception. */
    private Kernel.Message receive(PlanPart part) throws SandboxException {
        Kernel.Message message = next();
        if (message.length() != 0 && message.length() != MESSAGE_SIZE) {
            throw outOfTurn("the child sent " + message.length() + " bytes");
        }
        if (message.length() != 0 && buffer.getInt(0) == FAILED) {
            throw OpFailure.of(part, buffer.getInt(4), buffer.getInt(8), buffer.getInt(12));
        }
        return message;
    }

    /** An end that was closed with a message unread is told once as an error; what it had sent before is still there. */
    private Kernel.Message next() throws SandboxException {
        if (patience > 0) {
            awaitWord();
        }
        try {
            return kernel.receive(fd, buffer);
        } catch (KernelException e) {
            if (!e.is(Errno.ECONNRESET)) {
                throw e;
            }
            return kernel.receive(fd, buffer);
        }
    }

    /** A signal that the JVM takes ends a poll too, before its time. */
    private void awaitWord() throws SandboxException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience);
        for (long left = patience; left > 0; left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
            if (kernel.poll((int) left, 0, fd) != 0) {
                return;
            }
        }
        throw new SandboxException(
                "exec",
                "",
                Errno.ETIMEDOUT,
                "it has not come to its execve in " + patience / 1000
                        + " s: a program inside may have stopped it, or the sandbox has no processor time");
    }

    /**
     * Whether the child has closed its end. Only for a child that waits and whose messages have all been taken: one
     * that could be read is taken for a hang-up.
     */
    boolean hungUp() throws KernelException {
        return kernel.poll(0, 0, fd) != 0;
    }

    /** Where a send failed because the child has gone: it left word, if it could, before. */
    private SandboxException failure(KernelException e) {
        if (!isHungUp(e)) {
            return e;
        }
        try {
            for (; ; ) {
                if (receive(NO_PART).length() == 0) {
                    return new EndedException();
                }
            }
        } catch (SandboxException told) {
            told.addSuppressed(e);
            return told;
        }
    }

    /** The child ended without a word; what is known of it is in the zygote's report. */
    static final class EndedException extends SandboxException {
        private static final long serialVersionUID = 1L;

        EndedException() {
            super("launch", "", null, "the child ended during its set-up");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kernel.close(fd);
        }
    }
}
