// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.NativeLibrary;
import dev.hutch.internal.plan.Op;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The process that containers are cloned from, one per context: spawned from a sealed memory file, spoken to over a
 * socket, listened to by one daemon thread. It ends when this object is closed, or with the JVM. Thread-safe.
 */
final class Zygote implements AutoCloseable {
    static final int INTO_CGROUP = 1;
    static final int GUARD = 2;
    static final int NEW_PID = 4;
    static final int KILL_FILE = 8;
    static final int IN_NETNS = 16;
    static final int SWEEP = 32;
    static final int THAW = 64;

    static final int REQUEST_MAGIC = 0x31524348;
    static final int REQUEST_SIZE = 24;

    private static final int SIGKILL = 9;
    private static final long PATIENCE_MILLIS = 5_000;

    /** Who hears of a container's end. Called by the listening thread: must not block. */
    interface Listener {
        void ended(Report report);

        void reaped(Report report);

        /** The zygote is gone, and with it the container. */
        void lost();
    }

    private final Kernel kernel;
    private final int control;
    private final int lifeline;
    private final int pid;
    private final int pidfd;
    private final Map<Long, Listener> listeners = new ConcurrentHashMap<>();
    private final Thread thread;
    /** Descriptors are used under the read lock and closed under the write lock: a closed number may be another's. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean gone;
    private boolean lifelineClosed;

    private Zygote(Kernel kernel, int control, int lifeline, int pid, int pidfd) {
        this.kernel = kernel;
        this.control = control;
        this.lifeline = lifeline;
        this.pid = pid;
        this.pidfd = pidfd;
        this.thread = new Daemon("hutch-zygote-" + pid).newThread(this::listen);
    }

    static Zygote start(Kernel kernel, List<Op> surroundings, Trees trees) throws IOException {
        Zygote zygote = spawn(kernel);
        try {
            zygote.setUp(new PlanPart(surroundings), trees);
        } catch (IOException | RuntimeException e) {
            zygote.thread.start();
            try {
                // It waits for its set-up, and nothing else would end that at once.
                zygote.kill();
            } catch (KernelException also) {
                e.addSuppressed(also);
            }
            zygote.close();
            throw e;
        }
        zygote.thread.start();
        return zygote;
    }

    /**
     * Both ends that the program gets are copied, since they must be above the numbers that they become; and so is the
     * program, which one of them would replace before it is executed.
     */
    private static Zygote spawn(Kernel kernel) throws IOException {
        List<Integer> ours = new ArrayList<>();
        List<Integer> theirs = new ArrayList<>();
        try {
            int[] control = kernel.socketPair();
            ours.add(control[0]);
            theirs.add(control[1]);
            int[] lifeline = kernel.pipe();
            ours.add(lifeline[1]);
            theirs.add(lifeline[0]);
            int memory = kernel.sealedMemory("hutch-zygote", NativeLibrary.zygote(), true);
            theirs.add(memory);
            int program = kernel.dup(memory);
            theirs.add(program);
            int controlEnd = kernel.dup(control[1]);
            theirs.add(controlEnd);
            int lifelineEnd = kernel.dup(lifeline[0]);
            theirs.add(lifelineEnd);
            int pid = kernel.spawn(program, controlEnd, lifelineEnd);
            return new Zygote(kernel, control[0], lifeline[1], pid, watch(kernel, pid, ours));
        } catch (IOException | RuntimeException e) {
            ours.forEach(kernel::close);
            throw e;
        } finally {
            theirs.forEach(kernel::close);
        }
    }

    /** A zygote that can't be watched is not let live, nor become a zombie. */
    private static int watch(Kernel kernel, int pid, List<Integer> ours) throws KernelException {
        try {
            return kernel.pidfdOpen(pid);
        } catch (KernelException e) {
            ours.forEach(kernel::close);
            ours.clear();
            kernel.waitPid(pid);
            throw e;
        }
    }

    private void setUp(PlanPart part, Trees trees) throws IOException {
        ByteBuffer buffer = Buffers.direct(Report.SIZE);
        int length;
        try (Parts opened = Parts.open(kernel, part, source -> trees.open(source, -1))) {
            opened.send(control);
            length = kernel.receive(control, buffer).length();
        } catch (KernelException e) {
            throw e.is(Errno.EPIPE) || e.is(Errno.ECONNRESET) ? endedEarly() : e;
        }
        if (length != Report.SIZE) {
            throw endedEarly();
        }
        Report report = Report.read(buffer);
        if (report.error() != 0) {
            throw OpFailure.of(part, report.stage(), report.op(), report.error());
        }
    }

    private static SandboxException endedEarly() {
        return new SandboxException(
                "zygote",
                "",
                Errno.EPIPE,
                "it ended during its set-up: a seccomp filter outside of Hutch may hide a call that it needs (close_range,"
                        + " signalfd, setpgid)");
    }

    /** Asks for a clone; the answer comes over the container's own channel. The listener hears all that follows. */
    void request(long id, int flags, long namespaces, Listener listener, int... fds) throws SandboxException {
        lock.readLock().lock();
        try {
            checkHere();
            listeners.put(id, listener);
            send(id, flags, namespaces, fds);
        } catch (KernelException e) {
            listeners.remove(id);
            throw e.withCure("the zygote has ended; start again");
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Of a container that is to be stopped: once this JVM is gone it goes on, without which it could not end.
     *
     * @param state its freezer.state
     */
    void thawAtEnd(long id, int state) throws SandboxException {
        lock.readLock().lock();
        try {
            checkHere();
            send(id, THAW, 0, state);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void checkHere() throws SandboxException {
        if (gone) {
            throw new SandboxException("zygote", Integer.toString(pid), Errno.EPIPE, "it has ended; start again");
        }
    }

    private void send(long id, int flags, long namespaces, int... fds) throws KernelException {
        ByteBuffer request = Buffers.direct(REQUEST_SIZE);
        request.putInt(0, REQUEST_MAGIC).putInt(4, flags).putLong(8, id).putLong(16, namespaces);
        kernel.send(control, request, REQUEST_SIZE, fds);
    }

    /** Nothing was cloned for this launch: its listener will hear nothing. */
    void forget(long id) {
        listeners.remove(id);
    }

    /** Asks the kernel: its death may not have been noticed here yet. */
    boolean alive() throws KernelException {
        lock.readLock().lock();
        try {
            return !gone && kernel.poll(0, 0, pidfd) == 0;
        } finally {
            lock.readLock().unlock();
        }
    }

    private void listen() {
        try {
            receiveReports();
            kernel.waitPid(pid);
        } catch (KernelException | RuntimeException e) {
            Log.write(System.Logger.Level.WARNING, "lost the zygote " + pid, e);
        } finally {
            end();
        }
    }

    /**
     * Until the zygote is dead and all is read. End of file is not waited for: a first process that was stopped holds
     * the other end too.
     */
    private void receiveReports() throws KernelException {
        ByteBuffer buffer = Buffers.direct(Report.SIZE);
        for (; ; ) {
            int ready = kernel.poll(-1, 0, control, pidfd);
            if (ready == 2 || ((ready & 1) != 0 && !receiveReport(buffer))) {
                return;
            }
        }
    }

    /** False at end of file. A zygote that dies with requests unread resets the connection, and what it sent stays. */
    private boolean receiveReport(ByteBuffer buffer) throws KernelException {
        try {
            int length = kernel.receive(control, buffer).length();
            if (length == Report.SIZE) {
                dispatch(Report.read(buffer));
            }
            return length != 0;
        } catch (KernelException e) {
            if (e.is(Errno.ECONNRESET)) {
                return true;
            }
            throw e;
        }
    }

    private void dispatch(Report report) {
        Listener listener = report.kind() == Report.REAPED ? listeners.remove(report.id()) : listeners.get(report.id());
        if (listener == null) {
            return;
        }
        if (report.kind() == Report.ENDED) {
            listener.ended(report);
        } else {
            listener.reaped(report);
        }
    }

    /** The lifeline too: what the zygote can't end any more, ends itself. */
    private void end() {
        lock.writeLock().lock();
        try {
            gone = true;
            closeLifeline();
            kernel.close(control);
            kernel.close(pidfd);
        } finally {
            lock.writeLock().unlock();
        }
        listeners.values().forEach(Listener::lost);
        listeners.clear();
    }

    private synchronized void closeLifeline() {
        if (!lifelineClosed) {
            lifelineClosed = true;
            kernel.close(lifeline);
        }
    }

    int pid() {
        return pid;
    }

    /** Ends the zygote and every container of it: they watch the pipe that is closed here. */
    @Override
    public void close() throws SandboxException {
        closeLifeline();
        if (!joined(PATIENCE_MILLIS)) {
            kill();
            joined(0);
        }
    }

    /** One that was stopped does not see that it should leave. */
    private void kill() throws KernelException {
        lock.readLock().lock();
        try {
            if (!gone) {
                kernel.pidfdSendSignal(pidfd, SIGKILL);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** An interrupt is kept for the caller: the end is sure to come. */
    private boolean joined(long millis) {
        boolean interrupted = false;
        try {
            for (; ; ) {
                try {
                    thread.join(millis);
                    return !thread.isAlive();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
