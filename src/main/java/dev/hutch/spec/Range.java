// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.time.Duration;

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

    static Duration positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + ", must be more than zero");
        }
        return value;
    }

    static int check(String name, int value, int least, int most) {
        return (int) check(name, (long) value, (long) least, (long) most);
    }
}
