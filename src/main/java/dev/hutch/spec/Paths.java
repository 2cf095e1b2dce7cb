// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.file.Path;

/** Checks of paths that need no file system. */
final class Paths {
    private Paths() {}

    static Path absolute(String what, Path path) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(what + " '" + path + "' is not an absolute path");
        }
        noNul(what, path.toString());
        return path.normalize();
    }

    /** A mount's target: absolute, below the root, and without dots that would have to be resolved inside. */
    static Path destination(Path path) {
        absolute("mount destination", path);
        for (Path name : path) {
            if (name.toString().equals("..") || name.toString().equals(".")) {
                throw new IllegalArgumentException("mount destination '" + path + "' contains '" + name + "'");
            }
        }
        if (path.startsWith("/proc")) {
            throw new IllegalArgumentException("mount destination '" + path + "' is in /proc, which is the kernel's:"
                    + " what stands there is taken for the kernel's word, inside and by Hutch");
        }
        if (path.getNameCount() == 0) {
            throw new IllegalArgumentException("mount destination '/' is the root itself: use rootfs");
        }
        return path;
    }

    /** A path beneath a folder of ours: relative, each name a name. */
    static String beneath(String what, String path) {
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException(
                        what + " '" + path + "' is not a relative path of plain names, such as out/data.csv");
            }
        }
        return noNul(what, path);
    }

    static String noNul(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " contains a NUL character");
        }
        return text;
    }
}
