// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeSet;

/**
 * What the probe program (src/test/c/inside) saw inside a sandbox. The program is run as {@code report}, as
 * {@code try DEED…}, or as one of its hogs; see its main.c.
 *
 * @param values key to value, in the order printed
 */
public record Inside(Map<String, String> values) {
    /** Where tests mount the probe. */
    public static final Path DESTINATION = Path.of("/inside");

    public Inside {
        values = Map.copyOf(values);
    }

    /** The probe, compiled on first use: a static program that needs nothing of the root that it runs in. */
    public static Path program() {
        return NativeProgram.ofFolder("inside", Path.of("src", "test", "c", "inside"));
    }

    /** Reads lines of {@code key=value}; a line of another shape means that something else wrote, and is an error. */
    public static Inside parse(String output) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : output.lines().toList()) {
            int equals = keyEnd(line);
            if (equals <= 0) {
                throw new IllegalArgumentException("not a line of the probe's: '" + line + "' in\n" + output);
            }
            values.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return new Inside(values);
    }

    /** Deeds name paths, which may hold an equals sign; their answers never do. */
    private static int keyEnd(String line) {
        int equals = line.indexOf('=');
        int colon = line.indexOf(':');
        return colon > 0 && colon < equals ? line.lastIndexOf('=') : equals;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new NoSuchElementException(
                    "the probe printed no '" + key + "', but " + new TreeSet<>(values.keySet()));
        }
        return value;
    }

    public long number(String key) {
        return Long.parseLong(text(key));
    }

    /** Numbers separated by blanks, such as the four of {@code status.Uid}. */
    public List<Long> numbers(String key) {
        String text = text(key);
        return text.isEmpty()
                ? List.of()
                : List.of(text.split(" ")).stream().map(Long::valueOf).toList();
    }

    /** A capability set or signal mask of /proc/self/status, such as {@code CapEff}. */
    public long mask(String field) {
        return Long.parseUnsignedLong(text("status." + field), 16);
    }

    /** The namespace's name with its inode, such as {@code mnt:[4026531841]}. */
    public String namespace(String name) {
        return text("ns." + name);
    }

    /** The open descriptors, ascending. */
    public List<Integer> descriptors() {
        return values.keySet().stream()
                .filter(key -> key.matches("fd\\.[0-9]+"))
                .map(key -> Integer.valueOf(key.substring(3)))
                .sorted()
                .toList();
    }

    /** The whole environment. */
    public Map<String, String> environment() {
        return under("env.");
    }

    /** Network interfaces with {@code up} or {@code down}. */
    public Map<String, String> interfaces() {
        return under("if.");
    }

    /** /proc/self/mountinfo, parsed. */
    public List<MountLine> mounts() {
        return lines("mount").stream().map(MountLine::parse).toList();
    }

    /** The mount that is seen at the path: the last one there. */
    public MountLine mount(String path) {
        return mounts().stream()
                .filter(mount -> mount.mountPoint().equals(path))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new NoSuchElementException("nothing is mounted at " + path + ": " + mounts()));
    }

    /** The lines of a file that the report holds, such as {@code cgroup} or {@code uid_map}. */
    public List<String> lines(String key) {
        if (has(key + ".errno")) {
            throw new NoSuchElementException(key + ": " + text(key + ".errno"));
        }
        return values.keySet().stream()
                .filter(name -> name.matches(key + "\\.[0-9]+"))
                .map(name -> Integer.valueOf(name.substring(key.length() + 1)))
                .sorted()
                .map(index -> text(key + "." + index))
                .toList();
    }

    /** What the kernel answered to a deed: {@code ok}, an errno's name, or a signal's. */
    public String answer(String deed) {
        return text(deed);
    }

    private Map<String, String> under(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), value);
            }
        });
        return found;
    }
}
