// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import dev.hutch.spec.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** The kernel through JNI: a system call's value or -errno comes back, and here a negative one becomes an exception. */
public final class JniKernel implements Kernel {
    private static final int MAX_FDS = 253;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int AT_EMPTY_PATH = 0x1000;

    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SEEK_END = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int ABOVE_THE_ZYGOTES = 5;
    private static final int LOCK_EX_NB = 2 | 4;

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** In the room before a datagram: where the address ends at the latest, and its length stands. */
    private static final int ADDRESS_LENGTH = ADDRESS_ROOM - Integer.BYTES;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_EXEC = 0x10;
    private static final int F_ADD_SEALS = 1033;
    private static final int ALL_SEALS = 0xf;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int LANDLOCK_CREATE_RULESET_VERSION = 1;

    private static final int MODE_BITS = 0777;

    private final SystemCalls calls = new SystemCalls();
    private final Terminals terminals = new Terminals(calls);
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
        ByteBuffer buffer = calls.memory(bytes.length);
        try {
            if (check(write(buffer.put(0, bytes), fd, 0, bytes.length), "write", path) != bytes.length) {
                throw new KernelException("write", path, Errno.EIO.number());
            }
        } finally {
            calls.giveBack(buffer);
            close(fd);
        }
    }

    @Override
    public String read(String path) throws KernelException {
        int fd = open(path, 0, 0);
        ByteBuffer buffer = calls.memory(0);
        try {
            for (int length = 0; ; ) {
                int n = check(read(buffer, fd, length, buffer.capacity() - length), "read", path);
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
            calls.giveBack(buffer);
            close(fd);
        }
    }

    private int read(ByteBuffer buffer, int fd, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.capacity());
        return calls.call(Syscall.READ, buffer, 0b10, fd, offset, length);
    }

    private int write(ByteBuffer buffer, int fd, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.capacity());
        return calls.call(Syscall.WRITE, buffer, 0b10, fd, offset, length);
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
        calls.close(fd);
    }

    @Override
    public int read(int fd, ByteBuffer buffer, int length) throws KernelException {
        return unlessBlocking(read(buffer, fd, 0, length), "read", fd);
    }

    @Override
    public int write(int fd, ByteBuffer buffer, int offset, int length) throws KernelException {
        return unlessBlocking(write(buffer, fd, offset, length), "write", fd);
    }

    @Override
    public void seekEnd(int fd) throws KernelException {
        check(calls.call(Syscall.LSEEK, fd, 0, SEEK_END), "lseek", "");
    }

    @Override
    public int[] pipe() throws KernelException {
        return pair(Syscall.PIPE2, "pipe2", 0b1, 0, O_CLOEXEC);
    }

    /** A call that fills two descriptors into its memory. */
    private int[] pair(Syscall call, String name, int pointers, long... arguments) throws KernelException {
        ByteBuffer memory = calls.memory(0);
        try {
            check(calls.call(call, memory, pointers, arguments), name, "");
            return new int[] {memory.getInt(0), memory.getInt(Integer.BYTES)};
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public void nonBlocking(int fd, boolean on) throws KernelException {
        int flags = check(calls.call(Syscall.FCNTL, fd, F_GETFL), "fcntl", "F_GETFL");
        int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        check(calls.call(Syscall.FCNTL, fd, F_SETFL, wanted), "fcntl", "O_NONBLOCK");
    }

    @Override
    public int dup(int fd) throws KernelException {
        return check(calls.call(Syscall.FCNTL, fd, F_DUPFD_CLOEXEC, ABOVE_THE_ZYGOTES), "fcntl", "F_DUPFD_CLOEXEC");
    }

    @Override
    public int[] socketPair() throws KernelException {
        int[] ends = pair(Syscall.SOCKETPAIR, "socketpair", 0b1000, AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, 0);
        socketOption(ends[0], SOL_SOCKET, SO_PASSCRED, 1);
        return ends;
    }

    @Override
    public void send(int socket, ByteBuffer buffer, int length, int... fds) throws KernelException {
        check(Natives.send0(socket, buffer, length, fds), "sendmsg", "");
    }

    @Override
    public Message receive(int socket, ByteBuffer buffer) throws KernelException {
        if (VirtualThreads.isCurrent()) {
            poll(-1, 0, socket);
        }
        int[] details = new int[2 + MAX_FDS];
        int length = Natives.receive0(socket, buffer, buffer.capacity(), details);
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
        return check(
                calls.call(Syscall.SOCKET, domain, type | O_CLOEXEC, protocol),
                "socket",
                "domain " + domain + ", protocol " + protocol);
    }

    @Override
    public void socketOption(int socket, int level, int name, int value) throws KernelException {
        ByteBuffer memory = calls.memory(0);
        try {
            memory.putInt(0, value);
            check(
                    calls.call(Syscall.SETSOCKOPT, memory, 0b1000, socket, level, name, 0, Integer.BYTES),
                    "setsockopt",
                    level + ", " + name);
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public int accept(int socket) throws KernelException {
        return unlessBlocking(calls.call(Syscall.ACCEPT4, socket, 0, 0, O_CLOEXEC), "accept", socket);
    }

    @Override
    public int sendTo(int socket, ByteBuffer buffer, int address, int length) throws KernelException {
        Objects.checkFromIndexSize(ADDRESS_ROOM, length, buffer.capacity());
        Objects.checkFromIndexSize(0, address, ADDRESS_ROOM);
        return unlessBlocking(
                calls.call(Syscall.SENDTO, buffer, 0b10010, socket, ADDRESS_ROOM, length, MSG_NOSIGNAL, 0, address),
                "sendto",
                socket);
    }

    @Override
    public int receiveFrom(int socket, ByteBuffer buffer) throws KernelException {
        int room = buffer.capacity() - ADDRESS_ROOM;
        Objects.checkFromIndexSize(ADDRESS_ROOM, room, buffer.capacity());
        boolean asTheKernelHasIt = buffer.order() == ByteOrder.nativeOrder();
        buffer.putInt(ADDRESS_LENGTH, asTheKernelHasIt ? ADDRESS_LENGTH : Integer.reverseBytes(ADDRESS_LENGTH));
        return unlessBlocking(
                calls.call(
                        Syscall.RECVFROM,
                        buffer,
                        0b110010,
                        socket,
                        ADDRESS_ROOM,
                        room,
                        MSG_DONTWAIT,
                        0,
                        ADDRESS_LENGTH),
                "recvfrom",
                socket);
    }

    @Override
    public int poll(int timeoutMillis, int writable, int... fds) throws KernelException {
        boolean waits = timeoutMillis < 0 && writable >= 0;
        boolean parks = waits && Pollers.take(fds.length) && VirtualThreads.isCurrent();
        int ready = check(Natives.poll0(parks ? 0 : timeoutMillis, fds, writable), "poll", "");
        return parks && ready == 0 ? pollers.poll(writable, fds) : ready;
    }

    @Override
    public int sealedMemory(String name, ByteBuffer content, boolean executable) throws KernelException {
        int fd = memoryFile(name, executable);
        try {
            for (int at = 0; at < content.limit(); ) {
                at += check(write(content, fd, at, content.limit() - at), "write", name);
            }
            check(calls.call(Syscall.FCNTL, fd, F_ADD_SEALS, ALL_SEALS), "fcntl", "F_ADD_SEALS");
        } catch (KernelException e) {
            close(fd);
            throw e;
        }
        return fd;
    }

    /** Before Linux 6.3 every one is executable, and the flag that asks for that is unknown. */
    private int memoryFile(String name, boolean executable) throws KernelException {
        int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        ByteBuffer memory = calls.named("memfd_create", name);
        int fd;
        try {
            fd = calls.call(Syscall.MEMFD_CREATE, memory, 0b1, SystemCalls.NAME, flags | (executable ? MFD_EXEC : 0));
            if (executable && fd == -Errno.EINVAL.number()) {
                fd = calls.call(Syscall.MEMFD_CREATE, memory, 0b1, SystemCalls.NAME, flags);
            }
        } finally {
            calls.giveBack(memory);
        }
        return check(fd, "memfd_create", name);
    }

    @Override
    public int spawn(int executable, int control, int lifeline) throws KernelException {
        return check(Natives.spawn0(executable, control, lifeline), "posix_spawn", "hutch-zygote");
    }

    @Override
    public int waitPid(int pid) throws KernelException {
        ByteBuffer memory = calls.memory(0);
        try {
            check(calls.call(Syscall.WAIT4, memory, 0b10, pid, 0), "waitpid", Integer.toString(pid));
            return memory.getInt(0);
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public int pidfdOpen(int pid) throws KernelException {
        return check(calls.call(Syscall.PIDFD_OPEN, pid), "pidfd_open", Integer.toString(pid));
    }

    @Override
    public void pidfdSendSignal(int pidfd, int signal) throws KernelException {
        check(calls.call(Syscall.PIDFD_SEND_SIGNAL, pidfd, signal), "pidfd_send_signal", Integer.toString(signal));
    }

    @Override
    public void prlimit(int pid, int resource, long soft, long hard) throws KernelException {
        ByteBuffer memory = calls.memory(0);
        try {
            memory.putLong(0, soft).putLong(Long.BYTES, hard);
            check(calls.call(Syscall.PRLIMIT64, memory, 0b100, pid, resource, 0), "prlimit", "resource " + resource);
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public int openat2(int dirfd, String path, int flags, int mode, long resolve) throws KernelException {
        ByteBuffer memory = calls.named("open", path);
        try {
            memory.putLong(0, (flags & 0xffffffffL) | O_CLOEXEC)
                    .putLong(Long.BYTES, mode)
                    .putLong(2 * Long.BYTES, resolve);
            return check(
                    calls.call(Syscall.OPENAT2, memory, 0b110, dirfd, SystemCalls.NAME, 0, 3 * Long.BYTES),
                    "open",
                    path);
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public Stat fstat(int fd) throws KernelException {
        ByteBuffer statx = calls.named("fstat", "");
        try {
            check(
                    calls.call(
                            Syscall.STATX, statx, 0b10010, fd, SystemCalls.NAME, AT_EMPTY_PATH, STATX_BASIC_STATS, 0),
                    "fstat",
                    "");
            return new Stat(
                    statx.getShort(28) & 0xffff,
                    statx.getInt(20),
                    statx.getInt(24),
                    (long) statx.getInt(128) << 32 | statx.getInt(132),
                    (long) statx.getInt(136) << 32 | statx.getInt(140),
                    statx.getLong(32),
                    statx.getLong(40));
        } finally {
            calls.giveBack(statx);
        }
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws KernelException {
        check(calls.call(Syscall.FCHOWN, fd, uid, gid), "fchown", Integer.toUnsignedString(uid));
    }

    @Override
    public void mkdirat(int dirfd, String path, int mode) throws KernelException {
        check(calls.named(Syscall.MKDIRAT, dirfd, path, mode), "mkdir", path);
    }

    @Override
    public void unlinkat(int dirfd, String path, boolean directory) throws KernelException {
        check(
                calls.named(Syscall.UNLINKAT, dirfd, path, directory ? AT_REMOVEDIR : 0),
                directory ? "rmdir" : "unlink",
                path);
    }

    @Override
    public boolean tryLock(int fd) throws KernelException {
        int rc = calls.call(Syscall.FLOCK, fd, LOCK_EX_NB);
        return rc != WOULD_BLOCK && check(rc, "flock", "") == 0;
    }

    @Override
    public int cloneTree(int dirfd, String path, boolean recursive) throws KernelException {
        int flags = OPEN_TREE_CLONE | O_CLOEXEC | (recursive ? AT_RECURSIVE : 0) | (path.isEmpty() ? AT_EMPTY_PATH : 0);
        return check(calls.named(Syscall.OPEN_TREE, dirfd, path, flags), "open_tree", path);
    }

    @Override
    public void mountSetattr(int mount, boolean recursive, long set, long clear, int userns) throws KernelException {
        ByteBuffer memory = calls.named("mount_setattr", "");
        try {
            memory.putLong(0, set)
                    .putLong(Long.BYTES, clear)
                    .putLong(2 * Long.BYTES, MS_PRIVATE)
                    .putLong(3 * Long.BYTES, Math.max(userns, 0));
            int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
            check(
                    calls.call(
                            Syscall.MOUNT_SETATTR, memory, 0b1010, mount, SystemCalls.NAME, flags, 0, 4 * Long.BYTES),
                    "mount_setattr",
                    "");
        } finally {
            calls.giveBack(memory);
        }
    }

    @Override
    public int landlockVersion() throws KernelException {
        return check(
                calls.call(Syscall.LANDLOCK_CREATE_RULESET, 0, 0, LANDLOCK_CREATE_RULESET_VERSION),
                "landlock_create_ruleset",
                "");
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
        return terminals.peer(master);
    }

    @Override
    public boolean isTerminal(int fd) {
        return terminals.isTerminal(fd);
    }

    @Override
    public int windowSize(int terminal) throws KernelException {
        return terminals.windowSize(terminal);
    }

    @Override
    public void windowSize(int terminal, int rowsAndColumns) throws KernelException {
        terminals.windowSize(terminal, rowsAndColumns);
    }

    @Override
    public byte[] makeRaw(int terminal) throws KernelException {
        return terminals.makeRaw(terminal);
    }

    @Override
    public void restore(int terminal, byte[] attributes) throws KernelException {
        terminals.restore(terminal, attributes);
    }

    @Override
    public void forwardSignal(int pipe, int signal) throws KernelException {
        check(Natives.forwardSignal0(pipe, signal), "sigaction", Integer.toString(signal));
    }

    private static final int[] NO_FDS = {};

    static int check(int rc, String call, String target) throws KernelException {
        if (rc < 0) {
            throw new KernelException(call, target, -rc);
        }
        return rc;
    }

    private static int unlessBlocking(int rc, String call, int fd) throws KernelException {
        return rc == WOULD_BLOCK ? rc : check(rc, call, "descriptor " + fd);
    }
}
