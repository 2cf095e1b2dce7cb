// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The whole account of a sandbox that ended. Immutable.
 *
 * @param outcome how it ended
 * @param account what it used
 * @param setup how long the launch took
 * @param stdout captured standard output; empty where it was not captured
 * @param stderr captured standard error; empty where it was not captured
 * @param enforced every limit and wall, and whether it held
 * @since 0.1
 */
public record SandboxResult(
        Outcome outcome, Account account, SetupTime setup, Captured stdout, Captured stderr, List<Enforced> enforced) {
    public SandboxResult {
        enforced = List.copyOf(enforced);
    }

    /**
     * The exit status as the command line gives it: the command's; 128+N for signal N; 124 timed out; 137 out of
     * memory; 153 output limit.
     */
    public int exitStatus() {
        if (outcome instanceof Outcome.Exited exited) {
            return exited.exitCode();
        }
        if (outcome instanceof Outcome.Signalled signalled) {
            return 128 + signalled.signal().number();
        }
        if (outcome instanceof Outcome.OutOfMemory || outcome instanceof Outcome.HostOutOfMemory) {
            return 137;
        }
        return outcome instanceof Outcome.OutputLimit ? 153 : 124;
    }

    /** Whether the command ended by itself with exit code 0. */
    public boolean succeeded() {
        return outcome instanceof Outcome.Exited exited && exited.exitCode() == 0;
    }

    /** Captured standard output as UTF-8. */
    public String out() {
        return new String(stdout.bytes(), StandardCharsets.UTF_8);
    }

    /** Captured standard error as UTF-8. */
    public String err() {
        return new String(stderr.bytes(), StandardCharsets.UTF_8);
    }
}
