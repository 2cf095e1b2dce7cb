// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/** Checks a number against its allowed range and says both when it is outside. */
final class Range {
    private Range() {}

    static long check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", must be " + (least == most ? least : least + " to " + most));
        }
        return value;
    }

    static int check(String name, int value, int least, int most) {
        return (int) check(name, (long) value, (long) least, (long) most);
    }
}
