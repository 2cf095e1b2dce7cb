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
    /** Operation not permitted. */
    public static final Errno EPERM = new Errno(1);
    /** No such file or directory. */
    public static final Errno ENOENT = new Errno(2);
    /** No such process. */
    public static final Errno ESRCH = new Errno(3);
    /** Interrupted system call. */
    public static final Errno EINTR = new Errno(4);
    /** Input/output error. */
    public static final Errno EIO = new Errno(5);
    /** Argument list too long. */
    public static final Errno E2BIG = new Errno(7);
    /** Exec format error. */
    public static final Errno ENOEXEC = new Errno(8);
    /** Bad file descriptor. */
    public static final Errno EBADF = new Errno(9);
    /** No child processes. */
    public static final Errno ECHILD = new Errno(10);
    /** Resource temporarily unavailable. */
    public static final Errno EAGAIN = new Errno(11);
    /** Cannot allocate memory. */
    public static final Errno ENOMEM = new Errno(12);
    /** Permission denied. */
    public static final Errno EACCES = new Errno(13);
    /** Device or resource busy. */
    public static final Errno EBUSY = new Errno(16);
    /** File exists. */
    public static final Errno EEXIST = new Errno(17);
    /** Invalid cross-device link. */
    public static final Errno EXDEV = new Errno(18);
    /** No such device. */
    public static final Errno ENODEV = new Errno(19);
    /** Not a directory. */
    public static final Errno ENOTDIR = new Errno(20);
    /** Is a directory. */
    public static final Errno EISDIR = new Errno(21);
    /** Invalid argument. */
    public static final Errno EINVAL = new Errno(22);
    /** Too many open files. */
    public static final Errno EMFILE = new Errno(24);
    /** No space left on device. */
    public static final Errno ENOSPC = new Errno(28);
    /** Read-only file system. */
    public static final Errno EROFS = new Errno(30);
    /** Broken pipe. */
    public static final Errno EPIPE = new Errno(32);
    /** Numerical result out of range. */
    public static final Errno ERANGE = new Errno(34);
    /** File name too long. */
    public static final Errno ENAMETOOLONG = new Errno(36);
    /** Function not implemented. */
    public static final Errno ENOSYS = new Errno(38);
    /** Too many levels of symbolic links. */
    public static final Errno ELOOP = new Errno(40);
    /** Value too large for defined data type. */
    public static final Errno EOVERFLOW = new Errno(75);
    /** Too many users. */
    public static final Errno EUSERS = new Errno(87);
    /** Operation not supported. */
    public static final Errno EOPNOTSUPP = new Errno(95);
    /** Address already in use. */
    public static final Errno EADDRINUSE = new Errno(98);
    /** Cannot assign requested address. */
    public static final Errno EADDRNOTAVAIL = new Errno(99);
    /** Connection reset by peer. */
    public static final Errno ECONNRESET = new Errno(104);
    /** Connection timed out. */
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
            word(98, "EADDRINUSE", "Address already in use"),
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
