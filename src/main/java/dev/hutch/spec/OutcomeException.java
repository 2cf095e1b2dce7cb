// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A program ran, and didn't end as its caller expects: {@link SandboxResult#orThrow}. The message says how it ended and
 * has the last lines that it wrote to standard error. Other than a {@link SandboxException}, it is the program's doing.
 *
 * @since 0.1
 */
public class OutcomeException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int TAIL = 2048;

    private final transient SandboxResult result;

    OutcomeException(SandboxResult result, int... expected) {
        super(words(result, expected) + tail(result));
        this.result = result;
    }

    /** The whole account, output included. */
    public SandboxResult result() {
        return result;
    }

    private static String words(SandboxResult result, int... expected) {
        String words = result.inWords();
        if (!(result.outcome() instanceof Outcome.Exited)) {
            return words;
        }
        return words + ", expected "
                + Arrays.stream(expected).mapToObj(Integer::toString).collect(Collectors.joining(" or "));
    }

    /** Of standard output where standard error has nothing, as when the one goes into the other. */
    private static String tail(SandboxResult result) {
        boolean error = result.stderr().total() > 0;
        byte[] kept = (error ? result.stderr() : result.stdout()).bytes();
        if (kept.length == 0) {
            return "";
        }
        int from = Math.max(0, kept.length - TAIL);
        while (from > 0 && from < kept.length && (kept[from] & 0xC0) == 0x80) {
            from++;
        }
        String text = new String(kept, from, kept.length - from, StandardCharsets.UTF_8).stripTrailing();
        return "; standard " + (error ? "error" : "output") + (from > 0 ? " ends with:\n" : ":\n") + printable(text);
    }

    /** It comes from a program that isn't trusted and goes into logs and terminals: no escape sequences. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean hidden = type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
            if (hidden && c != '\n' && c != '\t') {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
