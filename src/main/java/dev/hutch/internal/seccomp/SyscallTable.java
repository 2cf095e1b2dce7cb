// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The names of one architecture's system calls and their numbers, from {@code syscalls.txt}. Immutable. */
public final class SyscallTable {
    private final Map<String, Integer> numbers;

    private SyscallTable(Map<String, Integer> numbers) {
        this.numbers = numbers;
    }

    public static SyscallTable of(Architecture architecture) {
        Map<String, Integer> numbers = new HashMap<>(512);
        for (String line : Resources.text("syscalls.txt").split("\n")) {
            int first = line.indexOf(' ');
            int second = line.indexOf(' ', first + 1);
            String number = architecture == Architecture.X86_64
                    ? line.substring(first + 1, second)
                    : line.substring(second + 1);
            if (line.charAt(0) != '#' && !number.equals("-")) {
                numbers.put(line.substring(0, first), Integer.valueOf(number));
            }
        }
        return new SyscallTable(numbers);
    }

    /** The number of the call; empty where this architecture has none of that name, or Hutch doesn't know it. */
    public OptionalInt number(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** The call's name, for messages. */
    public Optional<String> name(int number) {
        for (Map.Entry<String, Integer> call : numbers.entrySet()) {
            if (call.getValue() == number) {
                return Optional.of(call.getKey());
            }
        }
        return Optional.empty();
    }
}
