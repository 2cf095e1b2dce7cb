// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.util.List;
import java.util.function.Consumer;

/**
 * One option of a command: how it is written, what it says of itself, and what its value does.
 *
 * @param names the short one first
 * @param label the value's name in the help; empty for a flag
 * @param help one line or more
 * @param apply called with each value in command-line order; for a flag with the empty text. An
 *     IllegalArgumentException becomes the message for the user
 */
record Option(List<String> names, String label, String help, Consumer<String> apply) {
    static Option valued(String names, String label, String help, Consumer<String> apply) {
        return new Option(List.of(names.split(" ")), label, help, apply);
    }

    static Option flag(String names, String help, Runnable apply) {
        return new Option(List.of(names.split(" ")), "", help, value -> apply.run());
    }

    boolean isFlag() {
        return label.isEmpty();
    }

    /** The name by which messages call it: the long one. */
    String name() {
        return names.get(names.size() - 1);
    }

    /** Options that belong together, with their heading. */
    record Group(String heading, List<Option> options) {}
}
