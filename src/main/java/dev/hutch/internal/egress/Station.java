// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.egress;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** One daemon thread that waits for the questions of as many containers as one poll(2) has room for. Thread-safe. */
final class Station {
    /** A wake-up, and two sockets each. */
    static final int MOST = (Kernel.MOST_POLLED - 1) / 2;

    /** How long the thread waits for the next container, which then needs none of its own. */
    private static final int IDLE_MILLIS = 1_000;

    private final Kernel kernel;
    private final int[] bell;
    private final ByteBuffer byteOfBell = ByteBuffer.allocateDirect(1);
    private final ByteBuffer in = ByteBuffer.allocateDirect(Kernel.ADDRESS_ROOM + 0x1000);
    private final List<Questions> served = new ArrayList<>();
    private final Map<Questions, CompletableFuture<Void>> leaving = new LinkedHashMap<>();
    private boolean ending;
    private boolean over;

    Station(Kernel kernel) throws KernelException {
        this.kernel = kernel;
        this.bell = kernel.pipe();
    }

    void start() {
        Thread thread = new Thread(this::run, "hutch-dns");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether there was room, and the thread has not ended. */
    synchronized boolean add(Questions questions) throws KernelException {
        if (over || served.size() == MOST) {
            return false;
        }
        served.add(questions);
        ring();
        return true;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Nobody comes any more: it is over with the last. */
    synchronized void end() throws KernelException {
        if (!over) {
            ending = true;
            ring();
        }
    }

    /** When the answer is complete, they are closed. */
    synchronized CompletableFuture<Void> remove(Questions questions) {
        if (over || !served.contains(questions)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> gone = leaving.computeIfAbsent(questions, key -> new CompletableFuture<>());
        try {
            ring();
        } catch (KernelException e) {
            gone.completeExceptionally(e);
        }
        return gone;
    }

    private void ring() throws KernelException {
        kernel.write(bell[1], byteOfBell, 0, 1);
    }

    private void run() {
        for (boolean idle = false; !ends(idle); ) {
            try {
                idle = !serve(current());
            } catch (KernelException | RuntimeException e) {
                System.getLogger("dev.hutch").log(System.Logger.Level.WARNING, "a sandbox's questions", e);
            }
        }
    }

    /** With nobody left for a while it is over, and who comes next has another. */
    private synchronized boolean ends(boolean idle) {
        if ((idle || ending) && served.isEmpty()) {
            over = true;
            kernel.close(bell[0]);
            kernel.close(bell[1]);
        }
        return over;
    }

    /** Lets those go that leave. */
    private synchronized List<Questions> current() {
        leaving.forEach((questions, gone) -> {
            served.remove(questions);
            questions.close();
            gone.complete(null);
        });
        leaving.clear();
        return List.copyOf(served);
    }

    /** Whether there was something to do. */
    private boolean serve(List<Questions> now) throws KernelException {
        int[] fds = new int[1 + 2 * now.size()];
        fds[0] = bell[0];
        for (int i = 0; i < now.size(); i++) {
            fds[1 + 2 * i] = now.get(i).datagrams();
            fds[2 + 2 * i] = now.get(i).listener();
        }
        int ready = kernel.poll(now.isEmpty() ? IDLE_MILLIS : -1, 0, fds);
        if ((ready & 1) != 0) {
            kernel.read(bell[0], in, in.capacity());
        }
        for (int i = 0; i < now.size(); i++) {
            if (((ready >> (1 + 2 * i)) & 1) != 0) {
                now.get(i).readDatagrams(in);
            }
            if (((ready >> (2 + 2 * i)) & 1) != 0) {
                now.get(i).accept();
            }
        }
        return ready != 0;
    }
}
