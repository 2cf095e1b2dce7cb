// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The meaning of a profile, written as plainly as can be, and random profiles to hold compilers against it. */
public final class ProfileModel {
    private static final List<String> NAMES = List.of(
            "read",
            "write",
            "openat",
            "ioctl",
            "clone",
            "socket",
            "prctl",
            "personality",
            "mmap",
            "kill",
            "fchmodat",
            "close",
            "futex",
            "ptrace",
            "unshare",
            "statx",
            "openat2",
            "clone3",
            "exit_group",
            "mount");
    private static final List<Action> ACTIONS = List.of(
            Action.ALLOW,
            Action.ALLOW,
            Action.ALLOW,
            Action.errno(1),
            Action.errno(38),
            Action.errno(0),
            Action.LOG,
            Action.TRAP,
            Action.KILL_THREAD,
            Action.KILL_PROCESS);
    private static final long[] EDGES = {
        0,
        1,
        2,
        0x5412,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        0x1_0000_0001L,
        0x8000_0000_0000_0000L,
        -1,
        -2,
        0xffff_ffff_0000_0000L
    };

    private ProfileModel() {}

    /** What the profile says of one call; first match decides. */
    public static int verdict(Profile profile, Circumstances now, String name, long[] args) {
        for (Profile.Rule rule : profile.rules()) {
            if (rule.holds(now)
                    && rule.names().contains(name)
                    && rule.args().stream().allMatch(c -> holds(c, args))) {
                return rule.action().code();
            }
        }
        return profile.defaultAction().code();
    }

    static boolean holds(Condition condition, long[] args) {
        long argument = args[condition.index()];
        int order = Long.compareUnsigned(argument, condition.value());
        return switch (condition.operator()) {
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case EQ -> order == 0;
            case GE -> order >= 0;
            case GT -> order > 0;
            case MASKED_EQ -> (argument & condition.value()) == condition.valueTwo();
        };
    }

    /** @param onlyPossible whether a masked comparison can always come true, as libseccomp wants it */
    static Profile random(Random random, boolean onlyPossible) {
        List<Profile.Rule> rules = new ArrayList<>();
        int count = 1 + random.nextInt(40);
        for (int i = 0; i < count; i++) {
            List<String> names = new ArrayList<>();
            for (int n = random.nextInt(4); n >= 0; n--) {
                names.add(NAMES.get(random.nextInt(NAMES.size())));
            }
            Action action = ACTIONS.get(random.nextInt(ACTIONS.size()));
            rules.add(new Profile.Rule(
                    names, action, conditions(random, onlyPossible), Requirement.NONE, Requirement.NONE));
        }
        return new Profile(ACTIONS.get(random.nextInt(ACTIONS.size())), rules);
    }

    private static List<Condition> conditions(Random random, boolean onlyPossible) {
        List<Condition> conditions = new ArrayList<>();
        for (int index = 0; index < 6; index++) {
            if (random.nextInt(4) == 0) {
                Condition.Operator[] operators = Condition.Operator.values();
                Condition.Operator operator = operators[random.nextInt(operators.length)];
                long value = edge(random);
                long two = operator == Condition.Operator.MASKED_EQ ? edge(random) & (onlyPossible ? value : -1) : 0;
                conditions.add(new Condition(index, operator, value, two));
            }
        }
        return conditions;
    }

    private static long edge(Random random) {
        return random.nextInt(3) == 0 ? 1L << random.nextInt(64) : EDGES[random.nextInt(EDGES.length)];
    }

    /** Whether a rule for the call has conditions. */
    static boolean looksAtArguments(Profile profile, String name) {
        return profile.rules().stream()
                .anyMatch(rule -> rule.names().contains(name) && !rule.args().isEmpty());
    }

    /** Arguments of the call that lie on and beside what the profile compares them with. */
    static long[] arguments(Random random, Profile profile, String name) {
        long[] args = new long[6];
        for (int i = 0; i < 6; i++) {
            args[i] = random.nextBoolean() ? edge(random) : random.nextLong();
        }
        for (Profile.Rule rule : profile.rules()) {
            if (rule.names().contains(name) && random.nextInt(3) > 0) {
                for (Condition condition : rule.args()) {
                    args[condition.index()] = near(random, condition);
                }
            }
        }
        return args;
    }

    private static long near(Random random, Condition condition) {
        boolean masked = condition.operator() == Condition.Operator.MASKED_EQ;
        long value = masked ? condition.valueTwo() | random.nextLong() & ~condition.value() : condition.value();
        return switch (random.nextInt(6)) {
            case 0 -> value + 1;
            case 1 -> value - 1;
            case 2 -> value ^ 1L << 32;
            case 3 -> value ^ 1L << random.nextInt(64);
            default -> value;
        };
    }
}
