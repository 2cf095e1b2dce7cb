// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

/**
 * The size of a terminal's window, in characters; ioctl_tty(2), TIOCSWINSZ. Immutable.
 *
 * @param columns 1 to 32,767
 * @param rows 1 to 32,767
 * @since 0.1
 */
public record WindowSize(int columns, int rows) {
    private static final int MOST = 32_767;

    public WindowSize {
        Range.check("columns", columns, 1, MOST);
        Range.check("rows", rows, 1, MOST);
    }
}
