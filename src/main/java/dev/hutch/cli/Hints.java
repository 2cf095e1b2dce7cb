// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.Enforced;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SandboxSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the user should know beside the program's own words: at a limit programs trap, hang or die without one, so each
 * limit that was reached is named with the option that raises it.
 */
final class Hints {
    private Hints() {}

    static List<String> of(SandboxSpec spec, SandboxResult result) {
        List<String> hints = new ArrayList<>(notEnforced(result));
        Outcome outcome = result.outcome();
        long oomKills = result.account().oomKills();
        String memory = "the memory limit (" + spec.limits().memory() + ")";
        if (outcome instanceof Outcome.OutOfMemory) {
            hints.add("killed at " + memory + "; --memory raises it");
        } else if (outcome instanceof Outcome.HostOutOfMemory) {
            hints.add("killed because the host ran out of memory: not the sandbox's limit; try again");
        } else if (oomKills > 0) {
            hints.add(count(oomKills, "process") + " inside killed for memory, at " + memory + "; --memory raises it");
        }
        long refused = result.account().pidsLimitHits();
        if (refused > 0) {
            hints.add("the limit of " + spec.limits().pids() + " processes and threads was reached, "
                    + count(refused, "fork") + " refused; --pids-limit raises it");
        }
        if (outcome instanceof Outcome.Timeout) {
            hints.add("killed after " + seconds(spec.wallTime()) + " of wall time; --timeout raises it");
        } else if (outcome instanceof Outcome.CpuTimeout) {
            hints.add("killed after " + seconds(spec.cpuTime()) + " of processor time; --cpu-time raises it");
        } else if (outcome instanceof Outcome.OutputLimit) {
            hints.add("killed after " + spec.outputLimit() + " bytes of output; --output-limit raises it");
        }
        return hints;
    }

    /** One line for all; what the caller asked for by name, and what goes with a workspace, is in the result only. */
    private static List<String> notEnforced(SandboxResult result) {
        String names = result.enforced().stream()
                .filter(each -> !each.enforced())
                .filter(each ->
                        !each.reason().startsWith("asked for") && !each.name().startsWith("workspace"))
                .map(Enforced::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? List.of() : List.of("not enforced here: " + names + " (hutch doctor tells why)");
    }

    private static String count(long number, String what) {
        String plural = what.endsWith("s") ? what + "es" : what + "s";
        return number + " " + (number == 1 ? what : plural);
    }

    private static String seconds(java.time.@org.jspecify.annotations.Nullable Duration duration) {
        if (duration == null) {
            return "?";
        }
        return java.math.BigDecimal.valueOf(duration.toNanos(), 9)
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }
}
