// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

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
 * @param refused what was wanted and was not on the {@link Egress} list: up to 256 names, and as many addresses of IPv4 and
 *     of IPv6; of the whole container, until the command's end
 * @param violations what a {@linkplain SeccompProfile.File profile of the caller's} killed for or logged in the whole container
 *     while the command ran, each kind once, and up to 256 kinds of logged calls. The kernel tells in its log, which root may
 *     read, and of a flood only the first; nothing where an audit daemon takes its records, nor where the sandbox has no range
 *     of ids of its own
 * @since 0.1
 */
public record SandboxResult(
        Outcome outcome,
        Account account,
        SetupTime setup,
        Captured stdout,
        Captured stderr,
        List<Enforced> enforced,
        CollectedFiles files,
        List<Refusal> refused,
        List<SeccompViolation> violations) {
    public SandboxResult {
        enforced = List.copyOf(enforced);
        refused = List.copyOf(refused);
        violations = List.copyOf(violations);
    }

    /** Without files, and nothing refused or violated. */
    public SandboxResult(
            Outcome outcome,
            Account account,
            SetupTime setup,
            Captured stdout,
            Captured stderr,
            List<Enforced> enforced) {
        this(outcome, account, setup, stdout, stderr, enforced, CollectedFiles.NONE, List.of(), List.of());
    }

    /** The same, with files. */
    public SandboxResult withFiles(CollectedFiles collected) {
        return new SandboxResult(outcome, account, setup, stdout, stderr, enforced, collected, refused, violations);
    }

    /** The same, with what was refused. */
    public SandboxResult withRefused(List<Refusal> refusals) {
        return new SandboxResult(outcome, account, setup, stdout, stderr, enforced, files, refusals, violations);
    }

    /** The same, with what the filter killed for or logged. */
    public SandboxResult withViolations(List<SeccompViolation> told) {
        return new SandboxResult(outcome, account, setup, stdout, stderr, enforced, files, refused, told);
    }

    /** The same, with another standard output. */
    public SandboxResult withStdout(Captured captured) {
        return new SandboxResult(outcome, account, setup, captured, stderr, enforced, files, refused, violations);
    }

    /**
     * One number for any end, as the command line gives it: the exit code of a command that ended by itself; 128+N for
     * signal N; 124 timed out; 137 out of memory; 153 output limit.
     */
    public int exitStatus() {
        return switch (outcome.kind()) {
            case EXITED -> ((Outcome.Exited) outcome).exitCode();
            case SIGNALLED -> 128 + ((Outcome.Signalled) outcome).signal().number();
            case TIMEOUT, CPU_TIMEOUT -> 124;
            case OUT_OF_MEMORY, HOST_OUT_OF_MEMORY -> 137;
            case OUTPUT_LIMIT -> 153;
        };
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

    /**
     * The limits that it ran into, the one that ended it first. Some only explain what the program did: forks that were
     * refused, processes that were killed while the main one went on.
     */
    public List<LimitHit> limitHits() {
        return List.copyOf(new ResultWords(this).hits());
    }

    /** How it ended, for people, such as {@code killed at the memory limit (256m)}; with what explains a failure. */
    public String inWords() {
        return new ResultWords(this).all();
    }

    /** Captured standard output as UTF-8; a line says how much is missing in the middle, where something is. */
    public String out() {
        return stdout.text();
    }

    /** Captured standard error, likewise. */
    public String err() {
        return stderr.text();
    }
}
