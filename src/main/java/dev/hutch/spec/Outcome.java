// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.Locale;

/** How a sandbox ended; one of these, known from the kernel and never from an exit code. @since 0.1 */
public sealed interface Outcome {
    /** The kinds of end, for a switch: Java has none on types before 21. */
    enum Kind {
        /** {@link Outcome.Exited}. */
        EXITED,
        /** {@link Outcome.Signalled}. */
        SIGNALLED,
        /** {@link Outcome.Timeout}. */
        TIMEOUT,
        /** {@link Outcome.CpuTimeout}. */
        CPU_TIMEOUT,
        /** {@link Outcome.OutOfMemory}. */
        OUT_OF_MEMORY,
        /** {@link Outcome.HostOutOfMemory}. */
        HOST_OUT_OF_MEMORY,
        /** {@link Outcome.OutputLimit}. */
        OUTPUT_LIMIT
    }

    /** Which of them it is. */
    Kind kind();

    /**
     * The command ended by itself.
     *
     * @param exitCode 0 to 255
     */
    record Exited(int exitCode) implements Outcome {
        @Override
        public Kind kind() {
            return Kind.EXITED;
        }
    }

    /**
     * A signal ended the command. SIGSYS is the seccomp filter's, where a profile's action is to kill or to trap: which
     * system call it was the kernel tells in its log alone, and not even there for a trap; {@link
     * SandboxResult#violations}.
     *
     * @param signal which one
     */
    record Signalled(Signal signal) implements Outcome {
        @Override
        public Kind kind() {
            return Kind.SIGNALLED;
        }
    }

    /** The wall time was up. */
    record Timeout() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.TIMEOUT;
        }
    }

    /** The processor time of the whole tree was up. */
    record CpuTimeout() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.CPU_TIMEOUT;
        }
    }

    /** The command was killed because the sandbox's own memory limit was reached. */
    record OutOfMemory() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.OUT_OF_MEMORY;
        }
    }

    /** The command was killed because memory ran out outside the sandbox: not its fault, worth another try. */
    record HostOutOfMemory() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.HOST_OUT_OF_MEMORY;
        }
    }

    /** More was written to standard output and error than allowed. */
    record OutputLimit() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.OUTPUT_LIMIT;
        }
    }

    /** The word used in JSON, such as {@code out-of-memory}. */
    default String word() {
        return kind().name().replace('_', '-').toLowerCase(Locale.ROOT);
    }
}
