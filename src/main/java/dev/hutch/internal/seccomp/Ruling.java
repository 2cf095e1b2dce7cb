// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a profile says in given circumstances, by system call number. The first check of a call that matches decides; the
 * last one of each call has no conditions, so one always does.
 */
final class Ruling {
    private final Architecture architecture;
    private final List<Check> otherwise;
    private final SortedMap<Integer, List<Check>> calls = new TreeMap<>();

    /** One check for each action, so that lists which decide alike are equal. */
    private final Map<Integer, Check> unconditional = new HashMap<>();

    /** Equal to itself only: calls that one rule names share its check, and that is all the compiler has to know. */
    static final class Check {
        private final List<Condition> args;
        private final Action action;

        private Check(List<Condition> args, Action action) {
            this.args = args;
            this.action = action;
        }

        List<Condition> args() {
            return args;
        }

        Action action() {
            return action;
        }
    }

    private Ruling(Architecture architecture, Action otherwise) {
        this.architecture = architecture;
        this.otherwise = always(otherwise);
    }

    static Ruling of(Profile profile, Circumstances circumstances, SyscallTable table) {
        Ruling ruling = new Ruling(circumstances.architecture(), profile.defaultAction());
        for (Profile.Rule rule : profile.rules()) {
            if (rule.holds(circumstances)) {
                ruling.add(rule, table);
            }
        }
        for (List<Check> checks : ruling.calls.values()) {
            ruling.close(checks);
        }
        return ruling;
    }

    Architecture architecture() {
        return architecture;
    }

    /** For the numbers that {@link #calls} doesn't have. */
    List<Check> otherwise() {
        return otherwise;
    }

    SortedMap<Integer, List<Check>> calls() {
        return calls;
    }

    /** Checks that come down to one action. */
    List<Check> always(Action action) {
        Check known = unconditional.get(action.code());
        if (known == null) {
            known = new Check(List.of(), action);
            unconditional.put(action.code(), known);
        }
        return List.of(known);
    }

    private void add(Profile.Rule rule, SyscallTable table) {
        Check check = rule.args().isEmpty() ? always(rule.action()).get(0) : new Check(rule.args(), rule.action());
        for (String name : rule.names()) {
            OptionalInt number = table.number(name);
            if (number.isPresent()) {
                List<Check> checks = calls.get(number.getAsInt());
                if (checks == null) {
                    checks = new ArrayList<>(2);
                    calls.put(number.getAsInt(), checks);
                }
                if (!isClosed(checks)) {
                    checks.add(check);
                }
            }
        }
    }

    /** Ends the list with a check that always matches, and drops those before it that decide no differently. */
    private void close(List<Check> checks) {
        if (!isClosed(checks)) {
            checks.addAll(otherwise);
        }
        int last = checks.get(checks.size() - 1).action().code();
        while (checks.size() > 1 && checks.get(checks.size() - 2).action().code() == last) {
            checks.remove(checks.size() - 2);
        }
    }

    private static boolean isClosed(List<Check> checks) {
        return !checks.isEmpty() && checks.get(checks.size() - 1).args().isEmpty();
    }
}
