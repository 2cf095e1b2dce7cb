// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

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

    Stdio INHERIT = new Inherit();

    Stdio DISCARD = new Discard();

    /** {@code start} gives a stream, {@code run} captures output; either feeds {@link Command#input()}. */
    record Pipe() implements Stdio {}

    /**
     * This process's own stream. Input is handed over as it is, unless it is a terminal: that never crosses, and the null
     * device takes its place; or a file that anybody but root may write: that could be opened again inside, for writing,
     * and is passed on through a pipe. Output is passed on.
     */
    record Inherit() implements Stdio {}

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
