// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import java.nio.ByteBuffer;

/**
 * What init or the zygote says about a container that ended; struct hutch_report in plan.h.
 *
 * @param kind one of the constants
 * @param status wait status of the command (ENDED) or of the container's first process (REAPED)
 * @param id the launch
 * @param stage where a failure before execve happened; 0 for none
 * @param op the failed op's index in its part
 * @param error its errno; 0 for none
 * @param pid of the first process, or of the command as init sees it
 * @param execNanos CLOCK_MONOTONIC when execve was about to be called; 0 if it never was
 * @param endNanos CLOCK_MONOTONIC when the command was reaped
 */
public record Report(
        int kind,
        int status,
        long id,
        int stage,
        int op,
        int error,
        int pid,
        long execNanos,
        long endNanos,
        long userMicros,
        long systemMicros,
        long voluntarySwitches,
        long involuntarySwitches) {
    static final int SETUP = 1;
    static final int ENDED = 2;
    static final int REAPED = 3;

    static final int SIZE = 80;

    static Report read(ByteBuffer from) {
        return new Report(
                from.getInt(0),
                from.getInt(4),
                from.getLong(8),
                from.getInt(16),
                from.getInt(20),
                from.getInt(24),
                from.getInt(28),
                from.getLong(32),
                from.getLong(40),
                from.getLong(48),
                from.getLong(56),
                from.getLong(64),
                from.getLong(72));
    }

    /** The one that ended it; 0 where none did. */
    int signal() {
        return status & 0x7f;
    }

    /** The first process exited, and nothing killed it, but the command's end was not reported: it was not a good one. */
    boolean isSilent() {
        return kind == REAPED && signal() == 0;
    }

    boolean failedToStart() {
        return error != 0 || execNanos == 0;
    }
}
