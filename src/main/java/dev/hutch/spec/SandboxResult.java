// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * @param files fetched from the workspace, as {@link Command.Builder#collect} asked
 * @since 0.1
 */
public record SandboxResult(
        Outcome outcome,
        Account account,
        SetupTime setup,
        Captured stdout,
        Captured stderr,
        List<Enforced> enforced,
        CollectedFiles files) {
    public SandboxResult {
        enforced = List.copyOf(enforced);
    }

    /** Without files. */
    public SandboxResult(
            Outcome outcome,
            Account account,
            SetupTime setup,
            Captured stdout,
            Captured stderr,
            List<Enforced> enforced) {
        this(outcome, account, setup, stdout, stderr, enforced, CollectedFiles.NONE);
    }

    /** The same, with files. */
    public SandboxResult withFiles(CollectedFiles collected) {
        return new SandboxResult(outcome, account, setup, stdout, stderr, enforced, collected);
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

    /**
     * This result, of a command that ended by itself with exit code 0.
     *
     * @throws OutcomeException if it ended in any other way
     */
    public SandboxResult orThrow() throws OutcomeException {
        return orThrow(0);
    }

    /**
     * This result, of a command that ended by itself with one of these exit codes, as of {@code grep} with 0 or 1.
     *
     * @param expected one or more, 0 to 255; 0 only where it is among them
     * @throws OutcomeException if it ended in any other way
     */
    public SandboxResult orThrow(int... expected) throws OutcomeException {
        if (expected.length == 0) {
            throw new IllegalArgumentException("no exit code is expected: name at least one");
        }
        boolean found = false;
        for (int code : expected) {
            Range.check("expected exit code", code, 0, 255);
            found |= outcome instanceof Outcome.Exited exited && exited.exitCode() == code;
        }
        if (!found) {
            throw new OutcomeException(this, expected);
        }
        return this;
    }

    /** How it ended, for people, such as {@code killed at the memory limit (256m)}; with what explains a failure. */
    public String inWords() {
        StringBuilder words = new StringBuilder(ending());
        boolean named = outcome instanceof Outcome.OutOfMemory || outcome instanceof Outcome.HostOutOfMemory;
        if (account.oomKills() > 0 && !named) {
            words.append("; processes inside killed at the memory limit").append(limit("memory"));
        }
        if (account.pidsLimitHits() > 0) {
            words.append("; the limit of processes and threads")
                    .append(limit("pids-limit"))
                    .append(" was reached");
        }
        return words.toString();
    }

    private String ending() {
        if (outcome instanceof Outcome.Exited exited) {
            return "exit code " + exited.exitCode();
        }
        if (outcome instanceof Outcome.Signalled signalled) {
            return "ended by " + signalled.signal().name();
        }
        if (outcome instanceof Outcome.Timeout) {
            return "killed after " + seconds(account.wall()) + " of wall time";
        }
        if (outcome instanceof Outcome.CpuTimeout) {
            return "killed after " + seconds(account.cpu()) + " of processor time";
        }
        if (outcome instanceof Outcome.OutOfMemory) {
            return "killed at the memory limit" + limit("memory");
        }
        return outcome instanceof Outcome.HostOutOfMemory
                ? "killed because the host ran out of memory: not the sandbox's limit; try again"
                : "killed at the output limit, after " + (stdout.total() + stderr.total()) + " bytes";
    }

    private String limit(String name) {
        return enforced.stream()
                .filter(each -> each.name().equals(name))
                .map(each -> " (" + each.value() + ")")
                .findFirst()
                .orElse("");
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
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
