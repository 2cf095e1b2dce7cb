// SPDX-License-Identifier: Apache-2.0
package dev.hutch.spec;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The words for how a sandbox ended, for exceptions and the command line alike. */
final class ResultWords {
    private final SandboxResult result;

    ResultWords(SandboxResult result) {
        this.result = result;
    }

    /** The limit that ended it, where one did, before those that merely explain what it did. */
    List<LimitHit> hits() {
        List<LimitHit> hits = new ArrayList<>();
        ended().ifPresent(hits::add);
        Account account = result.account();
        boolean named =
                result.outcome() instanceof Outcome.OutOfMemory || result.outcome() instanceof Outcome.HostOutOfMemory;
        if (account.oomKills() > 0 && !named) {
            hits.add(new LimitHit(
                    "memory",
                    count(account.oomKills(), "process", "processes") + " inside killed at the memory limit"
                            + size("memory")));
        }
        if (account.pidsLimitHits() > 0) {
            hits.add(new LimitHit(
                    "pids-limit",
                    "the limit of "
                            + value("pids-limit").map(pids -> pids + " ").orElse("")
                            + "processes and threads was reached, "
                            + count(account.pidsLimitHits(), "fork", "forks") + " refused"));
        }
        return hits;
    }

    /** How it ended, then what explains it. */
    String all() {
        String hits = hits().stream().map(LimitHit::words).collect(Collectors.joining("; "));
        String ending = "";
        if (result.outcome() instanceof Outcome.Exited exited) {
            ending = "exit code " + exited.exitCode();
        } else if (result.outcome() instanceof Outcome.Signalled signalled) {
            boolean filter = signalled.signal().equals(Signal.SIGSYS);
            ending = "ended by " + signalled.signal().name()
                    + (filter ? ", which the seccomp filter sends" + killedFor() : "");
        }
        return ending.isEmpty() || hits.isEmpty() ? ending + hits : ending + "; " + hits;
    }

    private String killedFor() {
        String calls = result.violations().stream()
                .filter(SeccompViolation::killed)
                .map(SeccompViolation::systemCall)
                .distinct()
                .collect(Collectors.joining(", "));
        return calls.isEmpty() ? "" : " for " + calls;
    }

    private Optional<LimitHit> ended() {
        Outcome outcome = result.outcome();
        if (outcome instanceof Outcome.Timeout) {
            return hit("timeout", "after " + time("timeout", result.account().wall()) + " of wall time");
        }
        if (outcome instanceof Outcome.CpuTimeout) {
            return hit("cpu-time", "after " + time("cpu-time", result.account().cpu()) + " of processor time");
        }
        if (outcome instanceof Outcome.OutOfMemory) {
            return hit("memory", "at the memory limit" + size("memory"));
        }
        if (outcome instanceof Outcome.HostOutOfMemory) {
            return hit("", "because the host ran out of memory: not the sandbox's limit; try again");
        }
        return outcome instanceof Outcome.OutputLimit
                ? hit("output-limit", "at the output limit" + size("output-limit"))
                : Optional.empty();
    }

    private static Optional<LimitHit> hit(String option, String why) {
        return Optional.of(new LimitHit(option, "killed " + why));
    }

    private String size(String name) {
        return value(name)
                .filter(bytes -> bytes.matches("[0-9]{1,18}"))
                .map(bytes -> " (" + Size.bytes(Long.parseLong(bytes)) + ")")
                .orElse("");
    }

    /** The limit where the result has it, else what was used. */
    private String time(String name, Duration used) {
        Duration limit = value(name).map(Duration::parse).orElse(used);
        return BigDecimal.valueOf(limit.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    private Optional<String> value(String name) {
        return result.enforced().stream()
                .filter(each -> each.name().equals(name))
                .map(Enforced::value)
                .findFirst();
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
