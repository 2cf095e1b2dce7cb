// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.io.InputStream;
import java.nio.file.Path;

/**
 * Where a standard stream of a command goes, or comes from. Output always passes through a pipe of the sandbox's own, so
 * that it is counted and no descriptor of the caller's crosses. Immutable.
 *
 * @since 0.1
 */
public sealed interface Stdio {
    /** The default of all three. */
    Stdio PIPE = new Pipe();

    /** This process's own; {@link Inherit}. */
    Stdio INHERIT = new Inherit();

    /** Nothing; {@link Discard}. */
    Stdio DISCARD = new Discard();

    /** {@code start} gives a stream, {@code run} captures output; either feeds {@link Command#input()}. */
    record Pipe() implements Stdio {}

    /**
     * This process's own stream. Input is handed over as it is, unless it is a terminal: that never crosses, and the null
     * device takes its place; or a file that anybody but root may write: that could be opened again inside, for writing,
     * and is passed on through a pipe. Output is passed on.
     */
    record Inherit() implements Stdio {}

    /**
     * A Java stream for input, with {@code run} only: read by a thread of its own until its end or the sandbox's, and
     * not closed. A read that waits is interrupted when the sandbox ends; where that doesn't wake it, the thread stays
     * until it returns. A stream that fails ends the sandbox, and the run fails. It can be used up once.
     *
     * @param stream read by nobody else meanwhile
     */
    record Source(InputStream stream) implements Stdio {}

    /** The null device for input; output is read, counted and dropped. */
    record Discard() implements Stdio {}

    /**
     * A file, opened with this process's rights. As input, see {@link Inherit}.
     *
     * @param path of the host
     * @param append whether output goes behind what the file holds, or in its place
     */
    record File(Path path, boolean append) implements Stdio {}
}
