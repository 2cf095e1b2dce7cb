// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.NativeLibrary;
import dev.hutch.internal.plan.Host;
import dev.hutch.internal.plan.PlanCompiler;
import dev.hutch.internal.plan.PlanPart;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The process that containers are cloned from, one per context: spawned from a sealed memory file, spoken to over a
 * socket, listened to by one daemon thread. It ends when this object is closed, or with the JVM. Thread-safe.
 */
final class Zygote implements AutoCloseable {
    static final int INTO_CGROUP = 1;
    static final int GUARD = 2;
    static final int NEW_PID = 4;
    static final int KILL_FILE = 8;

    private static final int REQUEST_MAGIC = 0x31524348;
    private static final int REQUEST_SIZE = 24;

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
    private final Map<Long, Listener> listeners = new ConcurrentHashMap<>();
    private final Thread thread;
    private boolean gone;

    private Zygote(Kernel kernel, int control, int lifeline, int pid) {
        this.kernel = kernel;
        this.control = control;
        this.lifeline = lifeline;
        this.pid = pid;
        this.thread = new Thread(this::listen, "hutch-zygote-" + pid);
        thread.setDaemon(true);
    }

    static Zygote start(Kernel kernel, Host host, Trees trees) throws IOException {
        int[] control = kernel.socketPair();
        int[] lifeline = kernel.pipe();
        int program = kernel.sealedMemory("hutch-zygote", NativeLibrary.zygote(), true);
        int controlEnd = kernel.dup(control[1]);
        int lifelineEnd = kernel.dup(lifeline[0]);
        kernel.close(control[1]);
        kernel.close(lifeline[0]);
        int pid;
        try {
            pid = kernel.spawn(program, controlEnd, lifelineEnd);
        } finally {
            kernel.close(program);
            kernel.close(controlEnd);
            kernel.close(lifelineEnd);
        }
        Zygote zygote = new Zygote(kernel, control[0], lifeline[1], pid);
        try {
            zygote.setUp(new PlanPart(PlanCompiler.zygote(host)), trees);
        } catch (IOException e) {
            zygote.thread.start();
            zygote.close();
            throw e;
        }
        zygote.thread.start();
        return zygote;
    }

    private void setUp(PlanPart part, Trees trees) throws IOException {
        Parts.send(kernel, control, part, source -> trees.open(source, -1));
        ByteBuffer buffer = Buffers.direct(Report.SIZE);
        int length = kernel.receive(control, buffer).length();
        if (length != Report.SIZE) {
            throw new SandboxException("zygote", "", Errno.EPIPE, "it ended during its set-up");
        }
        Report report = Report.read(buffer);
        if (report.error() != 0) {
            throw OpFailure.of(part, report.stage(), report.op(), report.error());
        }
    }

    /** Asks for a clone; the answer comes over the container's own channel. The listener hears all that follows. */
    void request(long id, int flags, long namespaces, Listener listener, int... fds) throws SandboxException {
        ByteBuffer request = Buffers.direct(REQUEST_SIZE);
        request.putInt(0, REQUEST_MAGIC).putInt(4, flags).putLong(8, id).putLong(16, namespaces);
        synchronized (this) {
            if (gone) {
                throw new SandboxException("zygote", Integer.toString(pid), Errno.EPIPE, "it has ended; start again");
            }
            listeners.put(id, listener);
        }
        try {
            kernel.send(control, request, REQUEST_SIZE, fds);
        } catch (KernelException e) {
            listeners.remove(id);
            throw e.withCure("the zygote has ended; start again");
        }
    }

    /** Nothing was cloned for this launch: its listener will hear nothing. */
    void forget(long id) {
        listeners.remove(id);
    }

    boolean alive() {
        synchronized (this) {
            return !gone;
        }
    }

    private void listen() {
        ByteBuffer buffer = Buffers.direct(Report.SIZE);
        try {
            while (kernel.receive(control, buffer).length() == Report.SIZE) {
                dispatch(Report.read(buffer));
            }
            kernel.waitPid(pid);
        } catch (KernelException e) {
            System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "lost the zygote " + pid, e);
        }
        synchronized (this) {
            gone = true;
        }
        listeners.values().forEach(Listener::lost);
        listeners.clear();
        kernel.close(control);
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

    int pid() {
        return pid;
    }

    /** Ends the zygote and every container of it: they watch the pipe that is closed here. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        kernel.close(lifeline);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean closed;
}
