// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import dev.hutch.internal.kernel.KernelException;
import dev.hutch.internal.kernel.KernelFiles;
import dev.hutch.spec.Errno;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads the kernel's counters; what a kernel has no file for is zero, and is not looked for again. Thread-safe. */
final class KeyedFile {
    private final KernelFiles files;
    private final Set<String> absent = ConcurrentHashMap.newKeySet();

    KeyedFile(KernelFiles files) {
        this.files = files;
    }

    /** The file's text, or nothing where this kernel doesn't have it. */
    String text(String directory, String name) throws KernelException {
        return find(directory, name).orElse("");
    }

    /** The number that is all of the file; empty where this kernel doesn't have it, or there is no such directory. */
    OptionalLong whole(@Nullable String directory, String name) throws KernelException {
        Optional<String> text = directory == null ? Optional.empty() : find(directory, name);
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(number(text.get(), 0));
    }

    /** The file's text; empty where this kernel doesn't have it. */
    Optional<String> find(String directory, String name) throws KernelException {
        if (absent.contains(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(files.read(directory + "/" + name));
        } catch (KernelException refusal) {
            if (!refusal.is(Errno.ENOENT)) {
                throw refusal;
            }
            // ENOENT may also mean that the whole cgroup is gone, which says nothing about the next one's files.
            files.read(directory + "/cgroup.procs");
            absent.add(name);
            return Optional.empty();
        }
    }

    long number(String directory, String name) throws KernelException {
        return number(text(directory, name), 0);
    }

    /**
     * Forks refused for this cgroup's own limit: the counter has an ancestor's refusals too, but then ours was not
     * reached.
     */
    long pidsLimitHits(String directory, long peak, int limit) throws KernelException {
        return peak == 0 || peak >= limit ? value(text(directory, "pids.events"), "max") : 0;
    }

    /** The same for who does not know the peak, which is asked only where it matters. */
    long pidsLimitHits(String directory, int limit) throws KernelException {
        long refused = value(text(directory, "pids.events"), "max");
        long peak = refused == 0 ? 0 : number(directory, "pids.peak");
        return peak == 0 || peak >= limit ? refused : 0;
    }

    /** The number after the key, in a file of lines {@code KEY NUMBER}. */
    static long value(String text, String key) {
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            int end = at + key.length();
            boolean startsLine = at == 0 || text.charAt(at - 1) == '\n';
            if (startsLine && end < text.length() && text.charAt(end) == ' ') {
                return number(text, end + 1);
            }
        }
        return 0;
    }

    /** The sum of all numbers after {@code KEY=} or {@code KEY }, in a file with a line for each device. */
    static long sum(String text, String key) {
        long sum = 0;
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            sum += number(text, at + key.length());
        }
        return sum;
    }

    /** The same of a file that this kernel may not have. */
    static OptionalLong sum(Optional<String> text, String key) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(sum(text.get(), key));
    }

    private static long number(String text, int from) {
        long number = 0;
        for (int i = from; i < text.length() && Character.isDigit(text.charAt(i)); i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }
}
