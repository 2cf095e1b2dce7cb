// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.nio.ByteBuffer;

/**
 * The native boundary: each method is one system call, or one idiom that is meaningless in part. A failure is a
 * {@link KernelException} with errno, but for the calls on non-blocking descriptors that say {@link #WOULD_BLOCK}. EINTR
 * never leaves it. All descriptors are close-on-exec. Thread-safe.
 */
public interface Kernel extends KernelFiles {
    /** Returned where a non-blocking descriptor has nothing to give or take now. */
    int WOULD_BLOCK = -11;

    /** No directory, no descriptor: the current directory for the *at calls (AT_FDCWD). */
    int AT_FDCWD = -100;

    /** write(2) of {@code length} bytes from {@code offset}: how many, or WOULD_BLOCK. */
    int write(int fd, ByteBuffer buffer, int offset, int length) throws KernelException;

    /** lseek(2) to the end. */
    void seekEnd(int fd) throws KernelException;

    /** pipe2(2): the read end, then the write end. */
    int[] pipe() throws KernelException;

    /** fcntl(2) F_SETFL: sets or clears O_NONBLOCK. */
    void nonBlocking(int fd, boolean on) throws KernelException;

    /** fcntl(2) F_DUPFD_CLOEXEC. */
    int dup(int fd) throws KernelException;

    /** socketpair(2) of SOCK_SEQPACKET; the first end gets the sender's credentials (SO_PASSCRED). */
    int[] socketPair() throws KernelException;

    /** sendmsg(2) of the buffer's first {@code length} bytes with up to 253 descriptors (SCM_RIGHTS). Blocks. */
    void send(int socket, ByteBuffer buffer, int length, int... fds) throws KernelException;

    /** recvmsg(2) into the buffer. Blocks; a virtual thread parks. */
    Message receive(int socket, ByteBuffer buffer) throws KernelException;

    /** socket(2). */
    int socket(int domain, int type, int protocol) throws KernelException;

    /** setsockopt(2) of an int. */
    void socketOption(int socket, int level, int name, int value) throws KernelException;

    /** accept4(2): the connection, or WOULD_BLOCK on a non-blocking socket. */
    int accept(int socket) throws KernelException;

    /** How many bytes of a buffer {@link #sendTo} and {@link #receiveFrom} keep for the address, in front. */
    int ADDRESS_ROOM = 128;

    /**
     * sendto(2) of the {@code length} bytes behind the buffer's first {@link #ADDRESS_ROOM}, to the address in those:
     * how many, or WOULD_BLOCK.
     *
     * @param address how many bytes the address has; 0 for a socket that is connected, or the kernel's own
     */
    int sendTo(int socket, ByteBuffer buffer, int address, int length) throws KernelException;

    /**
     * recvfrom(2) of one datagram, which never waits: its length, or WOULD_BLOCK. The sender's address, as struct
     * sockaddr, fills the buffer's first {@link #ADDRESS_ROOM} bytes, the datagram comes behind.
     */
    int receiveFrom(int socket, ByteBuffer buffer) throws KernelException;

    /**
     * What recvmsg(2) brought.
     *
     * @param length bytes in the buffer; 0 at end of file, WOULD_BLOCK when the time was up
     * @param pid the sender (SCM_CREDENTIALS), 0 if not told
     * @param fds descriptors, owned by the caller now
     */
    record Message(int length, int pid, int[] fds) {}

    /** memfd_create(2) with the content, sealed against every change. */
    int sealedMemory(String name, ByteBuffer content, boolean executable) throws KernelException;

    /**
     * posix_spawn(3) of an executable memory file with an empty environment, signals at their defaults and blocked,
     * null device on 0 to 2, and the two descriptors as 3 and 4.
     */
    int spawn(int executable, int control, int lifeline) throws KernelException;

    /** waitpid(2), blocking: the wait status. */
    int waitPid(int pid) throws KernelException;

    int pidfdOpen(int pid) throws KernelException;

    void pidfdSendSignal(int pidfd, int signal) throws KernelException;

    /** prlimit(2). */
    void prlimit(int pid, int resource, long soft, long hard) throws KernelException;

    /** openat2(2). */
    int openat2(int dirfd, String path, int flags, int mode, long resolve) throws KernelException;

    /** fstat(2): mode, uid, gid, rdev, dev, ino, size. */
    Stat fstat(int fd) throws KernelException;

    record Stat(int mode, int uid, int gid, long rdev, long dev, long ino, long size) {
        private static final int FILE_TYPE = 0170000;

        public boolean isFolder() {
            return (mode & FILE_TYPE) == 0040000;
        }

        public boolean isRegularFile() {
            return (mode & FILE_TYPE) == 0100000;
        }

        public boolean isSymbolicLink() {
            return (mode & FILE_TYPE) == 0120000;
        }

        public boolean isBlockDevice() {
            return (mode & FILE_TYPE) == 0060000;
        }
    }

    void fchown(int fd, int uid, int gid) throws KernelException;

    void mkdirat(int dirfd, String path, int mode) throws KernelException;

    /** unlinkat(2); {@code directory} for AT_REMOVEDIR. */
    void unlinkat(int dirfd, String path, boolean directory) throws KernelException;

    /** flock(2): whether the lock was had; never waits. */
    boolean tryLock(int fd) throws KernelException;

    /** open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount, with all below it if {@code recursive}. */
    int cloneTree(int dirfd, String path, boolean recursive) throws KernelException;

    /** mount_setattr(2) on the mount, which becomes private; {@code userns} -1 where it is not idmapped. */
    void mountSetattr(int mount, boolean recursive, long set, long clear, int userns) throws KernelException;

    /** Landlock's version, which its manual calls ABI; ENOSYS or EOPNOTSUPP where there is none. landlock(7). */
    int landlockVersion() throws KernelException;

    /** The effective uid, as the owner of /proc/self. */
    int effectiveUid();

    /** Opens a new pseudo-terminal's master; posix_openpt(3). */
    int openPtyMaster() throws KernelException;

    /** TIOCGPTPEER: the other end, without a path. */
    int ptyPeer(int master) throws KernelException;

    boolean isTerminal(int fd);

    /** TIOCGWINSZ: rows in the upper, columns in the lower 16 bits. */
    int windowSize(int terminal) throws KernelException;

    /** TIOCSWINSZ. */
    void windowSize(int terminal, int rowsAndColumns) throws KernelException;

    /** tcgetattr(3) as opaque bytes, then cfmakeraw(3) on the terminal. */
    byte[] makeRaw(int terminal) throws KernelException;

    /** tcsetattr(3) with what {@link #makeRaw} gave. */
    void restore(int terminal, byte[] attributes) throws KernelException;

    /** A handler for the signal, which writes the signal's number as a byte to the pipe. */
    void forwardSignal(int pipe, int signal) throws KernelException;
}
