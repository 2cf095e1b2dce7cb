// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The kernel through JNI: each native returns the call's value or -errno, and here a negative one becomes an exception. */
public final class JniKernel implements Kernel {
    private static final int MAX_FDS = 253;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int TERMIOS_ROOM = 128;

    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int SMALL = 4096;

    private static final int MODE_BITS = 0777;

    private final Deque<ByteBuffer> buffers = new ConcurrentLinkedDeque<>();
    private final Pollers pollers = new Pollers(this);
    private int umask = -1;

    private JniKernel() {}

    /**
     * Loads the library once a JVM and gives the boundary to it. A library that can't be loaded is an
     * {@link UnsatisfiedLinkError} with the cure.
     */
    public static JniKernel load() {
        NativeLibrary.load();
        return new JniKernel();
    }

    @Override
    public void write(String path, String value) throws KernelException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        int fd = open(path, O_WRONLY, 0);
        ByteBuffer buffer = takeBuffer(bytes.length);
        try {
            if (check(write0(fd, buffer.put(0, bytes), 0, bytes.length), "write", path) != bytes.length) {
                throw new KernelException("write", path, Errno.EIO.number());
            }
        } finally {
            giveBack(buffer);
            close(fd);
        }
    }

    @Override
    public String read(String path) throws KernelException {
        int fd = open(path, 0, 0);
        ByteBuffer buffer = takeBuffer(SMALL);
        try {
            for (int length = 0; ; ) {
                int n = check(read0(fd, buffer, length, buffer.capacity() - length), "read", path);
                length += n;
                if (n == 0) {
                    byte[] bytes = new byte[length];
                    buffer.get(0, bytes);
                    return new String(bytes, StandardCharsets.UTF_8);
                }
                if (length == buffer.capacity()) {
                    buffer = ByteBuffer.allocateDirect(4 * length).put(0, buffer, 0, length);
                }
            }
        } finally {
            giveBack(buffer);
            close(fd);
        }
    }

    /** Most kernel files are small: their buffers are used again and again. */
    private ByteBuffer takeBuffer(int size) {
        ByteBuffer known = size <= SMALL ? buffers.poll() : null;
        return known != null ? known : ByteBuffer.allocateDirect(Math.max(size, SMALL));
    }

    private void giveBack(ByteBuffer buffer) {
        if (buffer.capacity() == SMALL) {
            buffers.push(buffer);
        }
    }

    @Override
    public void mkdir(String path, int mode) throws KernelException {
        mkdirat(AT_FDCWD, path, mode);
        if ((mode & umask()) != 0) {
            chmod(path, mode);
        }
    }

    /** The process's, which umask(2) tells only by changing it; proc(5). */
    private synchronized int umask() throws KernelException {
        if (umask < 0) {
            umask = read("/proc/self/status")
                    .lines()
                    .filter(line -> line.startsWith("Umask:"))
                    .mapToInt(line -> Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip(), 8))
                    .findFirst()
                    .orElse(MODE_BITS);
        }
        return umask;
    }

    private static void chmod(String path, int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        try {
            Files.setPosixFilePermissions(Path.of(path), permissions);
        } catch (IOException e) {
            throw new UncheckedIOException("a folder that was just made takes no mode", e);
        }
    }

    @Override
    public void rmdir(String path) throws KernelException {
        unlinkat(AT_FDCWD, path, true);
    }

    @Override
    public int open(String path, int flags, int mode) throws KernelException {
        return openat2(AT_FDCWD, path, flags, mode, 0);
    }

    @Override
    public void close(int fd) {
        close0(fd);
    }

    @Override
    public int read(int fd, ByteBuffer buffer, int length) throws KernelException {
        return unlessBlocking(read0(fd, buffer, 0, length), "read", fd);
    }

    @Override
    public int write(int fd, ByteBuffer buffer, int offset, int length) throws KernelException {
        return unlessBlocking(write0(fd, buffer, offset, length), "write", fd);
    }

    @Override
    public int[] pipe() throws KernelException {
        int[] ends = new int[2];
        check(pipe0(ends), "pipe2", "");
        return ends;
    }

    @Override
    public void nonBlocking(int fd, boolean on) throws KernelException {
        check(nonBlocking0(fd, on), "fcntl", "O_NONBLOCK");
    }

    @Override
    public int dup(int fd) throws KernelException {
        return check(dup0(fd), "fcntl", "F_DUPFD_CLOEXEC");
    }

    @Override
    public int[] socketPair() throws KernelException {
        int[] ends = new int[2];
        check(socketPair0(ends), "socketpair", "");
        return ends;
    }

    @Override
    public void send(int socket, ByteBuffer buffer, int length, int... fds) throws KernelException {
        check(send0(socket, buffer, length, fds), "sendmsg", "");
    }

    @Override
    public Message receive(int socket, ByteBuffer buffer) throws KernelException {
        if (VirtualThreads.isCurrent()) {
            poll(-1, 0, socket);
        }
        int[] details = new int[2 + MAX_FDS];
        int length = receive0(socket, buffer, buffer.capacity(), details);
        int[] fds = details[1] == 0 ? NO_FDS : Arrays.copyOfRange(details, 2, 2 + details[1]);
        if (length < 0 && length != WOULD_BLOCK) {
            for (int fd : fds) {
                close(fd);
            }
        }
        return new Message(unlessBlocking(length, "recvmsg", socket), details[0], fds);
    }

    @Override
    public int socket(int domain, int type, int protocol) throws KernelException {
        return check(socket0(domain, type, protocol), "socket", "domain " + domain + ", protocol " + protocol);
    }

    @Override
    public void socketOption(int socket, int level, int name, int value) throws KernelException {
        check(socketOption0(socket, level, name, value), "setsockopt", level + ", " + name);
    }

    @Override
    public int accept(int socket) throws KernelException {
        return unlessBlocking(accept0(socket), "accept", socket);
    }

    @Override
    public int sendTo(int socket, ByteBuffer buffer, int address, int length) throws KernelException {
        return unlessBlocking(sendTo0(socket, buffer, address, length), "sendto", socket);
    }

    @Override
    public int receiveFrom(int socket, ByteBuffer buffer) throws KernelException {
        return unlessBlocking(receiveFrom0(socket, buffer, buffer.capacity() - ADDRESS_ROOM), "recvfrom", socket);
    }

    @Override
    public int poll(int timeoutMillis, int writable, int... fds) throws KernelException {
        boolean waits = timeoutMillis < 0 && writable >= 0;
        boolean parks = waits && Pollers.take(fds.length) && VirtualThreads.isCurrent();
        int ready = check(poll0(parks ? 0 : timeoutMillis, fds, writable), "poll", "");
        return parks && ready == 0 ? pollers.poll(writable, fds) : ready;
    }

    @Override
    public int sealedMemory(String name, ByteBuffer content, boolean executable) throws KernelException {
        return check(sealedMemory0(string(name), content, content.limit(), executable), "memfd_create", name);
    }

    @Override
    public int spawn(int executable, int control, int lifeline) throws KernelException {
        return check(spawn0(executable, control, lifeline), "posix_spawn", "hutch-zygote");
    }

    @Override
    public int waitPid(int pid) throws KernelException {
        int[] status = new int[1];
        check(waitPid0(pid, status), "waitpid", Integer.toString(pid));
        return status[0];
    }

    @Override
    public int pidfdOpen(int pid) throws KernelException {
        return check(pidfdOpen0(pid), "pidfd_open", Integer.toString(pid));
    }

    @Override
    public void pidfdSendSignal(int pidfd, int signal) throws KernelException {
        check(pidfdSendSignal0(pidfd, signal), "pidfd_send_signal", Integer.toString(signal));
    }

    @Override
    public void prlimit(int pid, int resource, long soft, long hard) throws KernelException {
        check(prlimit0(pid, resource, soft, hard), "prlimit", "resource " + resource);
    }

    @Override
    public int openat2(int dirfd, String path, int flags, int mode, long resolve) throws KernelException {
        return check(openat20(dirfd, string(path), flags, mode, resolve), "open", path);
    }

    @Override
    public Stat fstat(int fd) throws KernelException {
        long[] f = new long[7];
        check(fstat0(fd, f), "fstat", "");
        return new Stat((int) f[0], (int) f[1], (int) f[2], f[3], f[4], f[5], f[6]);
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws KernelException {
        check(fchown0(fd, uid, gid), "fchown", Integer.toUnsignedString(uid));
    }

    @Override
    public void mkdirat(int dirfd, String path, int mode) throws KernelException {
        check(mkdirat0(dirfd, string(path), mode), "mkdir", path);
    }

    @Override
    public void unlinkat(int dirfd, String path, boolean directory) throws KernelException {
        check(unlinkat0(dirfd, string(path), directory ? AT_REMOVEDIR : 0), directory ? "rmdir" : "unlink", path);
    }

    @Override
    public boolean tryLock(int fd) throws KernelException {
        int rc = tryLock0(fd);
        return rc != WOULD_BLOCK && check(rc, "flock", "") == 0;
    }

    @Override
    public int cloneTree(int dirfd, String path, boolean recursive) throws KernelException {
        int flags = (recursive ? AT_RECURSIVE : 0) | (path.isEmpty() ? AT_EMPTY_PATH : 0);
        return check(cloneTree0(dirfd, string(path), flags), "open_tree", path);
    }

    @Override
    public void mountSetattr(int mount, boolean recursive, long set, long clear, int userns) throws KernelException {
        check(mountSetattr0(mount, recursive ? AT_RECURSIVE : 0, set, clear, userns), "mount_setattr", "");
    }

    @Override
    public int landlockVersion() throws KernelException {
        return check(landlockVersion0(), "landlock_create_ruleset", "");
    }

    @Override
    public int effectiveUid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException("no /proc is mounted", e);
        }
    }

    @Override
    public int openPtyMaster() throws KernelException {
        return open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
    }

    @Override
    public int ptyPeer(int master) throws KernelException {
        return check(ptyPeer0(master), "ioctl", "TIOCGPTPEER");
    }

    @Override
    public boolean isTerminal(int fd) {
        return windowSize0(fd, -1) >= 0;
    }

    @Override
    public int windowSize(int terminal) throws KernelException {
        return check(windowSize0(terminal, -1), "ioctl", "TIOCGWINSZ");
    }

    @Override
    public void windowSize(int terminal, int rowsAndColumns) throws KernelException {
        check(windowSize0(terminal, rowsAndColumns), "ioctl", "TIOCSWINSZ");
    }

    @Override
    public byte[] makeRaw(int terminal) throws KernelException {
        byte[] saved = new byte[TERMIOS_ROOM];
        check(makeRaw0(terminal, saved), "tcsetattr", "");
        return saved;
    }

    @Override
    public void restore(int terminal, byte[] attributes) throws KernelException {
        check(restore0(terminal, attributes), "tcsetattr", "");
    }

    @Override
    public void forwardSignal(int pipe, int signal) throws KernelException {
        check(forwardSignal0(pipe, signal), "sigaction", Integer.toString(signal));
    }

    private static final int[] NO_FDS = {};

    private static int check(int rc, String call, String target) throws KernelException {
        if (rc < 0) {
            throw new KernelException(call, target, -rc);
        }
        return rc;
    }

    private static int unlessBlocking(int rc, String call, int fd) throws KernelException {
        return rc == WOULD_BLOCK ? rc : check(rc, call, "descriptor " + fd);
    }

    private static byte[] string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static native int close0(int fd);

    private static native int read0(int fd, ByteBuffer buffer, int offset, int length);

    private static native int write0(int fd, ByteBuffer buffer, int offset, int length);

    private static native int openat20(int dir, byte[] path, long flags, long mode, long resolve);

    private static native int mkdirat0(int dir, byte[] path, int mode);

    private static native int unlinkat0(int dir, byte[] path, int flags);

    private static native int fstat0(int fd, long[] fields);

    private static native int fchown0(int fd, int uid, int gid);

    private static native int dup0(int fd);

    private static native int nonBlocking0(int fd, boolean on);

    private static native int tryLock0(int fd);

    private static native int pipe0(int[] ends);

    private static native int sealedMemory0(byte[] name, ByteBuffer content, int length, boolean executable);

    private static native int socketPair0(int[] ends);

    private static native int send0(int socket, ByteBuffer buffer, int length, int[] fds);

    private static native int receive0(int socket, ByteBuffer buffer, int length, int[] details);

    private static native int socket0(int domain, int type, int protocol);

    private static native int socketOption0(int socket, int level, int name, int value);

    private static native int accept0(int socket);

    private static native int sendTo0(int socket, ByteBuffer buffer, int address, int length);

    private static native int receiveFrom0(int socket, ByteBuffer buffer, int length);

    private static native int poll0(int timeout, int[] fds, int writable);

    private static native int spawn0(int executable, int control, int lifeline);

    private static native int waitPid0(int pid, int[] status);

    private static native int landlockVersion0();

    private static native int pidfdOpen0(int pid);

    private static native int pidfdSendSignal0(int pidfd, int signal);

    private static native int prlimit0(int pid, int resource, long soft, long hard);

    private static native int cloneTree0(int dir, byte[] path, int flags);

    private static native int mountSetattr0(int mount, int flags, long set, long clear, int userns);

    private static native int forwardSignal0(int pipe, int signal);

    private static native int ptyPeer0(int master);

    private static native int windowSize0(int fd, int size);

    private static native int makeRaw0(int fd, byte[] saved);

    private static native int restore0(int fd, byte[] saved);
}
