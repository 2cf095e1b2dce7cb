// SPDX-License-Identifier: Apache-2.0
package dev.hutch.cli;

import dev.hutch.spec.Enforced;
import dev.hutch.spec.LimitHit;
import dev.hutch.spec.Refusal;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompViolation;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the user should know beside the program's own words: at a limit programs trap, hang or die without one, so each
 * limit that was reached is named with the option that raises it.
 */
final class Hints {
    private static final int MOST_NAMED = 10;

    private Hints() {}

    static List<String> of(SandboxResult result) {
        return Stream.of(
                        notEnforced(result),
                        result.limitHits().stream().map(Hints::withOption),
                        refused(result),
                        killed(result))
                .flatMap(each -> each)
                .toList();
    }

    /** One line for all; the result has each with how often. */
    private static Stream<String> refused(SandboxResult result) {
        List<String> words =
                result.refused().stream().map(Refusal::inWords).distinct().toList();
        return words.isEmpty()
                ? Stream.of()
                : Stream.of("not on the egress list, and refused: " + first(words) + "; --egress allows it");
    }

    private static String first(List<String> words) {
        String more = words.size() > MOST_NAMED ? " and " + (words.size() - MOST_NAMED) + " more" : "";
        return words.stream().limit(MOST_NAMED).collect(Collectors.joining(", ")) + more;
    }

    private static Stream<String> killed(SandboxResult result) {
        List<String> words = result.violations().stream()
                .filter(SeccompViolation::killed)
                .map(each -> each.systemCall() + " by " + each.program())
                .distinct()
                .toList();
        return words.isEmpty() ? Stream.of() : Stream.of("the seccomp profile killed for " + first(words));
    }

    private static String withOption(LimitHit hit) {
        return hit.option().isEmpty() ? hit.words() : hit.words() + "; --" + hit.option() + " raises it";
    }

    /** One line for all; what the caller asked for by name is in the result only. */
    private static Stream<String> notEnforced(SandboxResult result) {
        String names = result.enforced().stream()
                .filter(each -> !each.enforced())
                .filter(each -> !each.reason().startsWith("asked for"))
                .map(Enforced::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? Stream.of() : Stream.of("not enforced here: " + names + " (hutch doctor tells why)");
    }
}
