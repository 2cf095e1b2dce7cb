// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** How a sandbox ended; one of these, known from the kernel and never from an exit code. @since 0.1 */
public sealed interface Outcome {
    /**
     * The command ended by itself.
     *
     * @param exitCode 0 to 255
     */
    record Exited(int exitCode) implements Outcome {}

    /**
     * A signal ended the command. SIGSYS is the seccomp filter's, where a profile's action is to kill or to trap: which
     * system call it was the kernel tells nobody but its audit log, and not even there for a trap.
     *
     * @param signal which one
     */
    record Signalled(Signal signal) implements Outcome {}

    /** The wall time was up. */
    record Timeout() implements Outcome {}

    /** The processor time of the whole tree was up. */
    record CpuTimeout() implements Outcome {}

    /** The command was killed because the sandbox's own memory limit was reached. */
    record OutOfMemory() implements Outcome {}

    /** The command was killed because memory ran out outside the sandbox: not its fault, worth another try. */
    record HostOutOfMemory() implements Outcome {}

    /** More was written to standard output and error than allowed. */
    record OutputLimit() implements Outcome {}

    /** The word used in JSON, such as {@code out-of-memory}. */
    default String word() {
        return getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }
}
