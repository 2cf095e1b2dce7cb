// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.util.List;

/**
 * A line of /proc/PID/mountinfo; proc(5).
 *
 * @param id unique among the mounts of now
 * @param root the path within the file system
 * @param mountPoint where it is seen, octal escapes undone
 * @param options of this mount
 * @param optional propagation: {@code shared:N}, {@code master:N}; none for a private mount
 * @param type the file system
 * @param source what was given to mount(2)
 * @param superOptions of the file system
 */
public record MountLine(
        int id,
        String root,
        String mountPoint,
        List<String> options,
        List<String> optional,
        String type,
        String source,
        List<String> superOptions) {
    public static MountLine parse(String line) {
        List<String> words = List.of(line.split(" "));
        int dash = words.indexOf("-");
        if (dash < 6 || words.size() < dash + 4) {
            throw new IllegalArgumentException("not a line of mountinfo: '" + line + "'");
        }
        return new MountLine(
                Integer.parseInt(words.get(0)),
                unescape(words.get(3)),
                unescape(words.get(4)),
                List.of(words.get(5).split(",")),
                words.subList(6, dash),
                words.get(dash + 1),
                unescape(words.get(dash + 2)),
                List.of(words.get(dash + 3).split(",")));
    }

    public boolean isReadOnly() {
        return options.contains("ro");
    }

    public boolean isPrivate() {
        return optional.isEmpty();
    }

    private static String unescape(String word) {
        return word.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
