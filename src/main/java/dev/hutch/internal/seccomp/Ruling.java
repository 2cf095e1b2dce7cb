// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a profile says in given circumstances, by system call number. The first check of a call that matches decides; the
 * last one of each call has no conditions, so one always does.
 *
 * @param otherwise for the numbers that {@code calls} doesn't have
 */
record Ruling(Architecture architecture, Action otherwise, SortedMap<Integer, List<Check>> calls) {
    record Check(List<Condition> args, Action action) {}

    static Ruling of(Profile profile, Circumstances circumstances, SyscallTable table) {
        SortedMap<Integer, List<Check>> calls = new TreeMap<>();
        for (Profile.Rule rule : profile.rules()) {
            if (rule.holds(circumstances)) {
                Check check = new Check(rule.args(), rule.action());
                for (String name : rule.names()) {
                    OptionalInt number = table.number(name);
                    if (number.isPresent()) {
                        add(calls.computeIfAbsent(number.getAsInt(), any -> new ArrayList<>(2)), check);
                    }
                }
            }
        }
        calls.values().forEach(checks -> close(checks, profile.defaultAction()));
        return new Ruling(circumstances.architecture(), profile.defaultAction(), calls);
    }

    private static void add(List<Check> checks, Check check) {
        if (!isClosed(checks)) {
            checks.add(check);
        }
    }

    /** Ends the list with a check that always matches, and drops those before it that decide no differently. */
    private static void close(List<Check> checks, Action otherwise) {
        if (!isClosed(checks)) {
            checks.add(new Check(List.of(), otherwise));
        }
        Action last = checks.get(checks.size() - 1).action();
        while (checks.size() > 1 && checks.get(checks.size() - 2).action().equals(last)) {
            checks.remove(checks.size() - 2);
        }
    }

    private static boolean isClosed(List<Check> checks) {
        return !checks.isEmpty() && checks.get(checks.size() - 1).args().isEmpty();
    }

    /** The checks of a call. */
    List<Check> checks(int number) {
        return calls.getOrDefault(number, List.of(new Check(List.of(), otherwise)));
    }
}
