// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.kernel;

import java.util.Locale;

/** The system calls that are made from Java, by their numbers on x86-64 and on aarch64; syscalls(2). */
enum Syscall {
    ACCEPT4(288, 242),
    CLOSE(3, 57),
    FCHOWN(93, 55),
    FCNTL(72, 25),
    FLOCK(73, 32),
    IOCTL(16, 29),
    LANDLOCK_CREATE_RULESET(444, 444),
    LSEEK(8, 62),
    MEMFD_CREATE(319, 279),
    MKDIRAT(258, 34),
    MOUNT_SETATTR(442, 442),
    OPENAT2(437, 437),
    OPEN_TREE(428, 428),
    PIDFD_OPEN(434, 434),
    PIDFD_SEND_SIGNAL(424, 424),
    PIPE2(293, 59),
    PRLIMIT64(302, 261),
    READ(0, 63),
    RECVFROM(45, 207),
    SENDTO(44, 206),
    SETSOCKOPT(54, 208),
    SOCKET(41, 198),
    SOCKETPAIR(53, 199),
    STATX(332, 291),
    UNLINKAT(263, 35),
    WAIT4(61, 260),
    WRITE(1, 64);

    private static final boolean IS_AARCH64 = System.getProperty("os.arch", "").equals("aarch64");

    private final String word = name().toLowerCase(Locale.ROOT);
    private final int x86;
    private final int aarch64;

    Syscall(int x86, int aarch64) {
        this.x86 = x86;
        this.aarch64 = aarch64;
    }

    /** The one of the machine that this JVM runs on. */
    int number() {
        return IS_AARCH64 ? aarch64 : x86;
    }

    /** As its manual page is called. */
    String word() {
        return word;
    }

    int x86() {
        return x86;
    }

    int aarch64() {
        return aarch64;
    }
}
