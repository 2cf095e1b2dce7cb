// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The names of one architecture's system calls and their numbers, from {@code syscalls.txt}. Immutable. */
public final class SyscallTable {
    private final Map<String, Integer> numbers;
    private final Map<Integer, String> names;

    private SyscallTable(Map<String, Integer> numbers, Map<Integer, String> names) {
        this.numbers = numbers;
        this.names = names;
    }

    public static SyscallTable of(Architecture architecture) {
        Map<String, Integer> numbers = new HashMap<>();
        Map<Integer, String> names = new HashMap<>();
        for (String line : Resources.text("syscalls.txt").split("\n")) {
            String[] columns = line.split(" ");
            String number = columns[architecture == Architecture.X86_64 ? 1 : 2];
            if (!line.startsWith("#") && !number.equals("-")) {
                numbers.put(columns[0], Integer.valueOf(number));
                names.put(Integer.valueOf(number), columns[0]);
            }
        }
        return new SyscallTable(numbers, names);
    }

    /** The number of the call; empty where this architecture has none of that name, or Hutch doesn't know it. */
    public OptionalInt number(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** The call's name, for messages. */
    public Optional<String> name(int number) {
        return Optional.ofNullable(names.get(number));
    }
}
