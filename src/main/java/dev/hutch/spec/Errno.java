// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Map;

/**
 * An error number of the Linux kernel; x86-64 and aarch64 share them. Immutable.
 *
 * @param number 1 to 4095; errno(3)
 * @since 0.1
 */
public record Errno(int number) {
    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno ESRCH = new Errno(3);
    public static final Errno EINTR = new Errno(4);
    public static final Errno EIO = new Errno(5);
    public static final Errno E2BIG = new Errno(7);
    public static final Errno ENOEXEC = new Errno(8);
    public static final Errno EBADF = new Errno(9);
    public static final Errno ECHILD = new Errno(10);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno ENOMEM = new Errno(12);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EBUSY = new Errno(16);
    public static final Errno EEXIST = new Errno(17);
    public static final Errno EXDEV = new Errno(18);
    public static final Errno ENODEV = new Errno(19);
    public static final Errno ENOTDIR = new Errno(20);
    public static final Errno EISDIR = new Errno(21);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno EMFILE = new Errno(24);
    public static final Errno ENOSPC = new Errno(28);
    public static final Errno EROFS = new Errno(30);
    public static final Errno EPIPE = new Errno(32);
    public static final Errno ERANGE = new Errno(34);
    public static final Errno ENAMETOOLONG = new Errno(36);
    public static final Errno ENOSYS = new Errno(38);
    public static final Errno ELOOP = new Errno(40);
    public static final Errno EOVERFLOW = new Errno(75);
    public static final Errno EUSERS = new Errno(87);
    public static final Errno EOPNOTSUPP = new Errno(95);
    public static final Errno ECONNRESET = new Errno(104);
    public static final Errno ETIMEDOUT = new Errno(110);

    private static final Map<Integer, String[]> WORDS = Map.ofEntries(
            word(1, "EPERM", "Operation not permitted"),
            word(2, "ENOENT", "No such file or directory"),
            word(3, "ESRCH", "No such process"),
            word(4, "EINTR", "Interrupted system call"),
            word(5, "EIO", "Input/output error"),
            word(6, "ENXIO", "No such device or address"),
            word(7, "E2BIG", "Argument list too long"),
            word(8, "ENOEXEC", "Exec format error"),
            word(9, "EBADF", "Bad file descriptor"),
            word(10, "ECHILD", "No child processes"),
            word(11, "EAGAIN", "Resource temporarily unavailable"),
            word(12, "ENOMEM", "Cannot allocate memory"),
            word(13, "EACCES", "Permission denied"),
            word(14, "EFAULT", "Bad address"),
            word(16, "EBUSY", "Device or resource busy"),
            word(17, "EEXIST", "File exists"),
            word(18, "EXDEV", "Invalid cross-device link"),
            word(19, "ENODEV", "No such device"),
            word(20, "ENOTDIR", "Not a directory"),
            word(21, "EISDIR", "Is a directory"),
            word(22, "EINVAL", "Invalid argument"),
            word(23, "ENFILE", "Too many open files in system"),
            word(24, "EMFILE", "Too many open files"),
            word(25, "ENOTTY", "Inappropriate ioctl for device"),
            word(26, "ETXTBSY", "Text file busy"),
            word(27, "EFBIG", "File too large"),
            word(28, "ENOSPC", "No space left on device"),
            word(30, "EROFS", "Read-only file system"),
            word(31, "EMLINK", "Too many links"),
            word(32, "EPIPE", "Broken pipe"),
            word(34, "ERANGE", "Numerical result out of range"),
            word(36, "ENAMETOOLONG", "File name too long"),
            word(38, "ENOSYS", "Function not implemented"),
            word(39, "ENOTEMPTY", "Directory not empty"),
            word(40, "ELOOP", "Too many levels of symbolic links"),
            word(71, "EPROTO", "Protocol error"),
            word(75, "EOVERFLOW", "Value too large for defined data type"),
            word(80, "ELIBBAD", "Accessing a corrupted shared library"),
            word(87, "EUSERS", "Too many users"),
            word(90, "EMSGSIZE", "Message too long"),
            word(95, "EOPNOTSUPP", "Operation not supported"),
            word(97, "EAFNOSUPPORT", "Address family not supported by protocol"),
            word(99, "EADDRNOTAVAIL", "Cannot assign requested address"),
            word(103, "ECONNABORTED", "Software caused connection abort"),
            word(104, "ECONNRESET", "Connection reset by peer"),
            word(105, "ENOBUFS", "No buffer space available"),
            word(109, "ETOOMANYREFS", "Too many references: cannot splice"),
            word(110, "ETIMEDOUT", "Connection timed out"),
            word(111, "ECONNREFUSED", "Connection refused"),
            word(122, "EDQUOT", "Disk quota exceeded"));

    public Errno {
        Range.check("errno", number, 1, 4095);
    }

    /** The name as errno(3) has it, such as {@code ENOENT}; {@code errno N} for a number without one here. */
    public String name() {
        String[] words = WORDS.get(number);
        return words == null ? "errno " + number : words[0];
    }

    /** The C library's English text, such as {@code No such file or directory}. */
    public String text() {
        String[] words = WORDS.get(number);
        return words == null ? "Unknown error " + number : words[1];
    }

    @Override
    public String toString() {
        return name() + " (" + text() + ")";
    }

    private static Map.Entry<Integer, String[]> word(int number, String name, String text) {
        return Map.entry(number, new String[] {name, text});
    }
}
