// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.util.List;
import java.util.Locale;

/**
 * A signal, by number; signal(7). x86-64 and aarch64 share the numbers. Immutable.
 *
 * @param number 1 to 64
 * @since 0.1
 */
public record Signal(int number) {
    /** Hang-up. */
    public static final Signal SIGHUP = new Signal(1);
    /** Interrupt from the keyboard, Ctrl-C. */
    public static final Signal SIGINT = new Signal(2);
    /** Quit from the keyboard; a JVM prints its threads. */
    public static final Signal SIGQUIT = new Signal(3);
    /** Kill: no process can catch it. */
    public static final Signal SIGKILL = new Signal(9);
    /** Please end. */
    public static final Signal SIGTERM = new Signal(15);

    /** A bad system call: 31. */
    public static final Signal SIGSYS = new Signal(31);

    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    public Signal {
        Range.check("signal", number, 1, 64);
    }

    /**
     * Reads {@code SIGTERM}, {@code TERM} (either case), {@code SIGRT2} or {@code 15}.
     *
     * @throws IllegalArgumentException if it names no signal
     */
    public static Signal parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        int index = NAMES.indexOf(name.startsWith("SIG") ? name.substring(3) : name);
        if (index >= 0) {
            return new Signal(index + 1);
        }
        if (name.matches("SIGRT[0-9]{1,2}")) {
            return new Signal(NAMES.size() + 1 + Integer.parseInt(name.substring(5)));
        }
        if (name.matches("[0-9]{1,2}")) {
            return new Signal(Integer.parseInt(name));
        }
        throw new IllegalArgumentException("signal '" + text + "' is neither a name such as SIGTERM nor 1 to 64");
    }

    /** {@code SIGTERM} and so on; {@code SIGRTn} for the real-time signals, counted from 32. */
    public String name() {
        return number <= NAMES.size() ? "SIG" + NAMES.get(number - 1) : "SIGRT" + (number - 32);
    }

    @Override
    public String toString() {
        return name();
    }
}
