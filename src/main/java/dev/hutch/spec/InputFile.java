// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file that is put into the workspace before the start; {@link Command.Builder#file}. Immutable. @since 0.1 */
public final class InputFile {
    private final String path;
    private final byte[] bytes;
    private final @Nullable Path source;
    private final boolean executable;

    /**
     * Content that is at hand.
     *
     * @param path relative to the workspace
     * @param bytes copied
     */
    public InputFile(String path, byte[] bytes) {
        this(path, bytes, false);
    }

    /**
     * Content that is at hand.
     *
     * @param path relative to the workspace
     * @param bytes copied
     * @param executable whether it can be run inside
     */
    public InputFile(String path, byte[] bytes, boolean executable) {
        this.path = Paths.beneath("file", path);
        this.bytes = bytes.clone();
        this.source = null;
        this.executable = executable;
    }

    /**
     * A copy of a file; executable where that is.
     *
     * @param path relative to the workspace
     * @param source of the host's
     */
    public InputFile(String path, Path source) {
        this.path = Paths.beneath("file", path);
        this.bytes = new byte[0];
        this.source = source;
        this.executable = false;
    }

    /** Relative to the workspace. */
    public String path() {
        return path;
    }

    /** A copy of the content; empty where it comes from a file. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The host's file that is copied; empty where the content is at hand. */
    public Optional<Path> source() {
        return Optional.ofNullable(source);
    }

    /** Whether content that is at hand can be run inside; of a copy its source tells, at each run. */
    public boolean executable() {
        return executable;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InputFile that
                && path.equals(that.path)
                && Arrays.equals(bytes, that.bytes)
                && Objects.equals(source, that.source)
                && executable == that.executable;
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    @Override
    public String toString() {
        return path;
    }
}
