// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Arrays;
import java.util.Locale;

/**
 * A resource limit of the process kind; getrlimit(2). Immutable.
 *
 * @param resource what is limited
 * @param soft the limit in force, in the resource's unit, up to {@code hard}; {@link #INFINITY} for none
 * @param hard what the soft limit may be raised to; nothing inside can raise it
 * @since 0.1
 */
public record Rlimit(Resource resource, long soft, long hard) {
    /** No limit: RLIM_INFINITY. */
    public static final long INFINITY = -1;

    public Rlimit {
        Range.check("soft limit", soft, INFINITY, Long.MAX_VALUE);
        Range.check("hard limit", hard, INFINITY, Long.MAX_VALUE);
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw new IllegalArgumentException(
                    "rlimit " + resource + ": soft limit " + soft + " is above the hard limit " + hard);
        }
    }

    /** The resources, with the kernel's numbers. */
    public enum Resource {
        /** Processor time of one process, in seconds; at the soft limit SIGXCPU. See {@code cpuTime} for all of them together. */
        CPU(0),
        /** Largest file written, in bytes; beyond it SIGXFSZ. */
        FSIZE(1),
        /** Data segment, in bytes. */
        DATA(2),
        /** Stack of the main thread, in bytes. */
        STACK(3),
        /** Core dump, in bytes; default 0. */
        CORE(4),
        /** Without effect since Linux 2.4.30. */
        RSS(5),
        /** Processes and threads of the user id; see {@code pids} for those of the sandbox. */
        NPROC(6),
        /** One more than the highest file descriptor; default 1024. */
        NOFILE(7),
        /** Locked memory, in bytes. */
        MEMLOCK(8),
        /** Address space, in bytes; a JVM or sanitizer reserves far more than it uses. */
        AS(9),
        /** Without effect since Linux 2.4.25. */
        LOCKS(10),
        /** Signals queued for the user id. */
        SIGPENDING(11),
        /** POSIX message queues of the user id, in bytes. */
        MSGQUEUE(12),
        /** 20 less the lowest nice value allowed; default 0. */
        NICE(13),
        /** Highest real-time priority; default 0. */
        RTPRIO(14),
        /** Processor time of a real-time process without a blocking call, in microseconds. */
        RTTIME(15);

        private final int number;

        Resource(int number) {
            this.number = number;
        }

        /** RLIMIT_ constant of {@code <sys/resource.h>}. */
        public int number() {
            return number;
        }

        /** Reads {@code nofile}, {@code NOFILE} or {@code RLIMIT_NOFILE}. */
        public static Resource parse(String text) {
            String name = text.toUpperCase(Locale.ROOT);
            String bare = name.startsWith("RLIMIT_") ? name.substring(7) : name;
            return Arrays.stream(values())
                    .filter(resource -> resource.name().equals(bare))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "rlimit '" + text + "' is unknown; getrlimit(2) lists them, such as nofile"));
        }
    }

    /** Reads {@code NAME=SOFT[:HARD]}, numbers or {@code unlimited}. */
    public static Rlimit parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("rlimit '" + text + "' is not NAME=SOFT[:HARD]");
        }
        Resource resource = Resource.parse(text.substring(0, equals));
        String[] values = text.substring(equals + 1).split(":", -1);
        if (values.length > 2) {
            throw new IllegalArgumentException("rlimit '" + text + "' is not NAME=SOFT[:HARD]");
        }
        long soft = value(text, values[0]);
        return new Rlimit(resource, soft, values.length == 2 ? value(text, values[1]) : soft);
    }

    private static long value(String text, String part) {
        if (part.equals("unlimited")) {
            return INFINITY;
        }
        if (!part.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(
                    "rlimit '" + text + "': '" + part + "' is no number and not 'unlimited'");
        }
        return Long.parseLong(part);
    }
}
