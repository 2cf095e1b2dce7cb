// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.stdio;

/** What a terminal makes of typed bytes; termios(3). */
final class Keyboard {
    /** VEOF, ^D: end of file to who reads lines. A terminal can't be closed. */
    private static final byte END = 4;

    private Keyboard() {}

    /** At the beginning of a line one is the end; within a line the first only hands over what has been typed of it. */
    static byte[] end(byte lastTyped) {
        return lastTyped == '\n' || lastTyped == '\r' ? new byte[] {END} : new byte[] {END, END};
    }
}
