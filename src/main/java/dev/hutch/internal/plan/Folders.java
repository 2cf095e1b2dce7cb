// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes folders beneath a new root, each once, with all that lead to it. Paths are relative, without dots. */
final class Folders {
    private final Set<String> made = new HashSet<>();
    private final List<Op> ops;
    private final int flags;

    /** @param flags for each mkdir: MAY_EXIST where the root isn't ours alone, NO_SYMLINKS where links are refused */
    Folders(List<Op> ops, int flags) {
        this.ops = ops;
        this.flags = flags;
    }

    Folders make(String path) {
        if (!path.equals(".") && made.add(path)) {
            make(parent(path));
            ops.add(Op.mkdir(parent(path), name(path), 0755, flags));
        }
        return this;
    }

    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, slash);
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** A path inside, relative to the root. */
    static String relative(java.nio.file.Path absolute) {
        return absolute.toString().substring(1);
    }
}
