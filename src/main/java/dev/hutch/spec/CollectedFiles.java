// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was fetched from a workspace, by its path there, and what matched and was left out. Names and contents are an
 * untrusted program's: a name has no {@code /} but between folders and is never {@code ..}, but it may hold anything
 * else. Immutable.
 *
 * @since 0.1
 */
public final class CollectedFiles {
    /** Nothing was asked for, or nothing was found. */
    public static final CollectedFiles NONE = new CollectedFiles(Map.of(), List.of());

    private final Map<String, ByteBuffer> files = new TreeMap<>();
    private final List<LeftOut> leftOut;

    /**
     * A file that a glob matched and that was not fetched.
     *
     * @param path relative to the workspace
     * @param reason in words
     */
    public record LeftOut(String path, String reason) {}

    /**
     * Files and what is missing among them.
     *
     * @param files contents, copied, by path
     * @param leftOut what matched beside them
     */
    public CollectedFiles(Map<String, byte[]> files, List<LeftOut> leftOut) {
        files.forEach((path, bytes) -> this.files.put(path, ByteBuffer.wrap(bytes.clone())));
        this.leftOut = List.copyOf(leftOut);
    }

    /** Sorted. */
    public Set<String> paths() {
        return Collections.unmodifiableSet(files.keySet());
    }

    /**
     * A copy of a file's content.
     *
     * @throws NoSuchElementException if there is none; the message says why, where it was left out
     */
    public byte[] bytes(String path) {
        ByteBuffer content = files.get(path);
        if (content == null) {
            throw new NoSuchElementException("'" + path + "' was not collected: " + why(path));
        }
        byte[] copy = new byte[content.remaining()];
        content.duplicate().get(copy);
        return copy;
    }

    private String why(String path) {
        return leftOut.stream()
                .filter(each -> each.path().equals(path))
                .map(LeftOut::reason)
                .findFirst()
                .orElse("the program left none, or no glob matched it");
    }

    /** A file's content as UTF-8, as {@link #bytes} gives it. */
    public String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /** What matched and was not fetched; empty where everything was. */
    public List<LeftOut> leftOut() {
        return leftOut;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CollectedFiles that && files.equals(that.files) && leftOut.equals(that.leftOut);
    }

    @Override
    public int hashCode() {
        return files.hashCode();
    }

    @Override
    public String toString() {
        return files.keySet() + (leftOut.isEmpty() ? "" : ", left out: " + leftOut);
    }
}
