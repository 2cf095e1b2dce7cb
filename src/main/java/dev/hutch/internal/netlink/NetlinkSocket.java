// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A netlink socket of this JVM, in the namespace that it was made in. The kernel answers requests before the call that sends
 * them returns, so nothing here waits long. Thread-safe.
 */
public final class NetlinkSocket implements AutoCloseable {
    /** NETLINK_ROUTE: links, addresses, routes, traffic control. */
    public static final int ROUTE = 0;

    /** NETLINK_NETFILTER: nf_tables, nflog. */
    public static final int NETFILTER = 12;

    public static final int AF_NETLINK = 16;
    public static final int SOCK_RAW = 3;

    private static final int SOL_NETLINK = 270;
    private static final int ADD_MEMBERSHIP = 1;
    private static final int CAP_ACK = 10;
    private static final int EXT_ACK = 11;

    private static final int ROOM = 64 * 1024;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int DUMPS = 10;

    private final Kernel kernel;
    private final int fd;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(Kernel.ADDRESS_ROOM + ROOM);
    private int sequence;
    private boolean unread;
    private boolean closed;

    /** @param fd a netlink socket made elsewhere, which this object owns from now on, also where that fails */
    public NetlinkSocket(Kernel kernel, int fd) throws KernelException {
        this.kernel = kernel;
        this.fd = fd;
        try {
            kernel.socketOption(fd, SOL_NETLINK, CAP_ACK, 1);
            kernel.socketOption(fd, SOL_NETLINK, EXT_ACK, 1);
        } catch (KernelException e) {
            kernel.close(fd);
            throw e;
        }
    }

    /** One in this JVM's own network namespace. */
    public static NetlinkSocket open(Kernel kernel, int protocol) throws KernelException {
        return new NetlinkSocket(kernel, kernel.socket(AF_NETLINK, SOCK_RAW, protocol));
    }

    /**
     * Sends one request, which is acknowledged, and answers with what came before that.
     *
     * @param operation for the exception, in words; so is the target
     */
    public List<Answer> ask(Request request, String operation, String target) throws SandboxException {
        return exchange(List.of(request.with(Request.ACK)), operation, target);
    }

    /** All that the request lists; once more where it changed meanwhile. */
    public List<Answer> dump(Request request, String operation, String target) throws SandboxException {
        for (int i = 0; i < DUMPS; i++) {
            List<Answer> all = exchange(List.of(request.with(Request.DUMP)), operation, target);
            if (all.stream().noneMatch(answer -> (answer.flags() & Answer.DUMP_INTERRUPTED) != 0)) {
                return all;
            }
        }
        throw new SandboxException(operation, target, Errno.EINTR, "it changes faster than it can be read");
    }

    /** Who is told of answers as they come. */
    public interface Sink {
        void take(Answer answer) throws SandboxException;
    }

    /** Tells of all that the request lists, of which there may be more than memory holds; nothing is told twice. */
    public void each(Request request, String operation, String target, Sink sink) throws SandboxException {
        exchange(List.of(request.with(Request.DUMP)), operation, index -> target, sink);
    }

    /**
     * Sends requests as one message, in order, and answers with what they brought. Those with {@link Request#ACK} or
     * {@link Request#DUMP} are waited for.
     *
     * @param target by the request's index
     * @throws SandboxException with the first error
     */
    public List<Answer> exchange(List<Request> requests, String operation, IntFunction<String> target)
            throws SandboxException {
        List<Answer> answers = new ArrayList<>();
        exchange(requests, operation, target, answers::add);
        return answers;
    }

    private synchronized void exchange(List<Request> requests, String operation, IntFunction<String> target, Sink sink)
            throws SandboxException {
        if (closed) {
            throw new SandboxException(operation, target.apply(0), Errno.EBADF, "its netlink socket is closed");
        }
        if (unread) {
            drain();
        }
        unread = true;
        int first = sequence + 1;
        Set<Integer> mine = new HashSet<>();
        Set<Integer> awaited = new HashSet<>();
        send(requests, mine, awaited);
        while (!awaited.isEmpty()) {
            for (Answer answer : next(operation, target.apply(0))) {
                if (!mine.contains(answer.sequence())) {
                    continue;
                }
                if (answer.type() == Answer.ERROR || answer.type() == Answer.DONE) {
                    check(answer, operation, target.apply(answer.sequence() - first));
                    awaited.remove(answer.sequence());
                } else {
                    sink.take(answer);
                }
            }
        }
        unread = false;
    }

    private void send(List<Request> requests, Set<Integer> mine, Set<Integer> awaited) throws KernelException {
        List<byte[]> messages = new ArrayList<>();
        int length = 0;
        for (Request request : requests) {
            byte[] message = request.message(++sequence);
            messages.add(message);
            length += message.length;
            mine.add(sequence);
            if (request.asks(Request.ACK) || request.asks(Request.DUMP)) {
                awaited.add(sequence);
            }
        }
        if (length > buffer.capacity() - Kernel.ADDRESS_ROOM) {
            buffer = ByteBuffer.allocateDirect(Kernel.ADDRESS_ROOM + length);
        }
        int at = Kernel.ADDRESS_ROOM;
        for (byte[] message : messages) {
            buffer.put(at, message);
            at += message.length;
        }
        kernel.sendTo(fd, buffer, 0, length);
    }

    /** The same where the target is one. */
    public List<Answer> exchange(List<Request> requests, String operation, String target) throws SandboxException {
        return exchange(requests, operation, index -> target);
    }

    /** What an exchange that failed left unread. */
    private void drain() throws KernelException {
        int length;
        do {
            length = kernel.receiveFrom(fd, buffer);
        } while (length != Kernel.WOULD_BLOCK && length != 0);
    }

    private List<Answer> next(String operation, String target) throws SandboxException {
        int length = kernel.receiveFrom(fd, buffer);
        if (length == Kernel.WOULD_BLOCK) {
            if (kernel.poll(PATIENCE_MILLIS, 0, fd) == 0) {
                throw new SandboxException(operation, target, Errno.ETIMEDOUT, "the kernel's netlink does not answer");
            }
            return List.of();
        }
        return Answer.read(copy(length));
    }

    /** The buffer is written over by the next datagram. */
    private ByteBuffer copy(int length) {
        byte[] bytes = new byte[length];
        buffer.get(Kernel.ADDRESS_ROOM, bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void check(Answer answer, String operation, String target) throws SandboxException {
        int errno = answer.errno();
        if (errno != 0) {
            String words = answer.words();
            throw new SandboxException(
                    operation, target, new Errno(errno), words.isEmpty() ? "" : "the kernel says: " + words);
        }
    }

    /** Whether this is how the kernel refused. */
    public static boolean is(SandboxException e, Errno errno) {
        return e.errno().filter(errno::equals).isPresent();
    }

    /** Asks to be told of what concerns the group, which comes {@link #unasked}. */
    public void join(int group) throws KernelException {
        kernel.socketOption(fd, SOL_NETLINK, ADD_MEMBERSHIP, group);
    }

    /** For poll(2): answers that nobody asked for, such as logged packets. */
    public int fd() {
        return fd;
    }

    /** What has come without being asked for; empty where nothing has. */
    public synchronized List<Answer> unasked() throws SandboxException {
        int length = closed ? Kernel.WOULD_BLOCK : kernel.receiveFrom(fd, buffer);
        return length == Kernel.WOULD_BLOCK ? List.of() : Answer.read(copy(length));
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            kernel.close(fd);
        }
    }
}
