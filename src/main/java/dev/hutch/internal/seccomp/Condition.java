// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

/**
 * A comparison of one argument of a call, unsigned, all 64 bits of it.
 *
 * @param index which argument, 0 to 5
 * @param value what it is compared with; with MASKED_EQ the mask
 * @param valueTwo with MASKED_EQ what the masked argument must be; else 0
 */
record Condition(int index, Operator operator, long value, long valueTwo) {
    /** In the words of libseccomp, {@code SCMP_CMP_*}. */
    enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }
}
