// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import java.io.PrintStream;

/** Where the command line speaks: answers on standard output, all else on standard error, each with our name before it. */
record Console(PrintStream out, PrintStream err) {
    void print(String text) {
        out.println(text);
        out.flush();
    }

    /** One line, whatever is in it: names of files may hold line breaks, a terminal's commands, or turn the text round. */
    void warn(String text) {
        err.println("hutch: " + text.strip().replaceAll("[\\p{Cc}\\p{Cf}]", "?"));
        err.flush();
    }
}
