// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import static dev.hutch.internal.kernel.JniKernel.check;

import java.nio.ByteBuffer;

/** What ioctl(2) does with a terminal. Thread-safe. */
final class Terminals {
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 2 | 0x100 | 0x80000;

    /** The kernel's struct termios: four words of flags, the line discipline, the control characters. */
    private static final int TERMIOS_SIZE = 36;

    private static final int CONTROL_CHARACTERS = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    /** IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON. */
    private static final int INPUT_CHANGES = 02753;

    private static final int OPOST = 1;
    private static final int CSIZE_PARENB = 060 | 0400;
    private static final int CS8 = 060;

    /** ISIG, ICANON, ECHO, ECHONL, IEXTEN. */
    private static final int LOCAL_CHANGES = 0100113;

    private final SystemCalls calls;

    Terminals(SystemCalls calls) {
        this.calls = calls;
    }

    /** Unlocks and opens the other end without a path, which could be exchanged in between; since Linux 4.13. */
    int peer(int master) throws KernelException {
        ByteBuffer unlock = calls.memory(0);
        try {
            unlock.putInt(0, 0);
            check(ioctl(master, TIOCSPTLCK, unlock), "ioctl", "TIOCSPTLCK");
        } finally {
            calls.giveBack(unlock);
        }
        return check(calls.call(Syscall.IOCTL, master, TIOCGPTPEER, O_RDWR_NOCTTY_CLOEXEC), "ioctl", "TIOCGPTPEER");
    }

    boolean isTerminal(int fd) {
        ByteBuffer size = calls.memory(0);
        try {
            return ioctl(fd, TIOCGWINSZ, size) >= 0;
        } finally {
            calls.giveBack(size);
        }
    }

    int windowSize(int terminal) throws KernelException {
        ByteBuffer size = calls.memory(0);
        try {
            check(ioctl(terminal, TIOCGWINSZ, size), "ioctl", "TIOCGWINSZ");
            return (size.getShort(0) & 0x7fff) << 16 | (size.getShort(Short.BYTES) & 0xffff);
        } finally {
            calls.giveBack(size);
        }
    }

    void windowSize(int terminal, int rowsAndColumns) throws KernelException {
        ByteBuffer size = calls.memory(0);
        try {
            size.putShort(0, (short) (rowsAndColumns >> 16))
                    .putShort(Short.BYTES, (short) rowsAndColumns)
                    .putInt(2 * Short.BYTES, 0);
            check(ioctl(terminal, TIOCSWINSZ, size), "ioctl", "TIOCSWINSZ");
        } finally {
            calls.giveBack(size);
        }
    }

    /** As cfmakeraw(3); the attributes that it had. */
    byte[] makeRaw(int terminal) throws KernelException {
        byte[] saved = new byte[TERMIOS_SIZE];
        ByteBuffer termios = calls.memory(0);
        try {
            check(ioctl(terminal, TCGETS, termios), "tcgetattr", "");
            termios.get(0, saved);
            termios.putInt(0, termios.getInt(0) & ~INPUT_CHANGES)
                    .putInt(4, termios.getInt(4) & ~OPOST)
                    .putInt(8, (termios.getInt(8) & ~CSIZE_PARENB) | CS8)
                    .putInt(12, termios.getInt(12) & ~LOCAL_CHANGES)
                    .put(CONTROL_CHARACTERS + VTIME, (byte) 0)
                    .put(CONTROL_CHARACTERS + VMIN, (byte) 1);
            check(ioctl(terminal, TCSETS, termios), "tcsetattr", "");
            return saved;
        } finally {
            calls.giveBack(termios);
        }
    }

    void restore(int terminal, byte[] attributes) throws KernelException {
        ByteBuffer termios = calls.memory(0);
        try {
            check(ioctl(terminal, TCSETS, termios.put(0, attributes, 0, TERMIOS_SIZE)), "tcsetattr", "");
        } finally {
            calls.giveBack(termios);
        }
    }

    private int ioctl(int fd, int operation, ByteBuffer argument) {
        return calls.call(Syscall.IOCTL, argument, 0b100, fd, operation, 0);
    }
}
