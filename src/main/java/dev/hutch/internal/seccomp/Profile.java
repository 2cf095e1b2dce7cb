// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.List;

/**
 * A profile as it is written, before names are resolved and conditions decided: {@code linux.seccomp} of the OCI runtime
 * specification with Docker's {@code includes} and {@code excludes}. Immutable.
 *
 * @param defaultAction for the calls that no rule matches
 * @param rules in the profile's order: the first that matches a call decides
 */
record Profile(Action defaultAction, List<Rule> rules) {
    Profile {
        rules = List.copyOf(rules);
    }

    /**
     * @param names calls; those that an architecture doesn't have are passed over
     * @param args all must hold; at most one for each argument
     */
    record Rule(List<String> names, Action action, List<Condition> args, Requirement includes, Requirement excludes) {
        Rule {
            names = List.copyOf(names);
            args = List.copyOf(args);
        }

        boolean holds(Circumstances circumstances) {
            return includes.allHold(circumstances) && !excludes.anyHolds(circumstances);
        }
    }
}
