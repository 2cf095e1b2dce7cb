// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a ruling as a program for seccomp(2). Its order when it runs: the architecture is checked, since the same number
 * is another call elsewhere; a binary search over ranges of numbers that fare alike finds the checks of the call; these
 * compare arguments, each as two words. Calls that fare alike share their checks. Numbers of the x32 ABI are ENOSYS,
 * whatever the profile says: its tables were never meant to be told apart by profiles for x86-64.
 */
final class BpfCompiler {
    private static final int OFFSET_NUMBER = 0;
    private static final int OFFSET_ARCH = 4;
    private static final int OFFSET_ARGS = 16;
    private static final int X32_BIT = 0x4000_0000;

    private final BpfProgram program = new BpfProgram();
    private final Map<List<Ruling.Check>, Integer> places = new HashMap<>();
    private final List<Range> ranges = new ArrayList<>();

    /** Numbers from {@code first} to the next range's. */
    private record Range(int first, List<Ruling.Check> checks) {}

    private BpfCompiler() {}

    /**
     * @param source the profile's name for messages
     * @throws SandboxException if the program is longer than the kernel takes
     */
    static byte[] compile(Ruling ruling, String source) throws SandboxException {
        BpfCompiler compiler = new BpfCompiler();
        compiler.write(ruling);
        int size = compiler.program.size();
        if (size > BpfProgram.LONGEST) {
            throw new SandboxException(
                    "seccomp profile",
                    source,
                    null,
                    "needs " + size + " instructions, the kernel takes " + BpfProgram.LONGEST
                            + ": give it fewer conditions on arguments");
        }
        return compiler.program.bytes();
    }

    private void write(Ruling ruling) {
        findRanges(ruling);
        int foreign = program.ret(Action.KILL_PROCESS);
        int search = program.load(OFFSET_NUMBER, search(0, ranges.size()));
        program.loadAndBranch(OFFSET_ARCH, BpfProgram.JEQ, ruling.architecture().auditArch(), search, foreign);
    }

    private void findRanges(Ruling ruling) {
        int next = 0;
        for (Map.Entry<Integer, List<Ruling.Check>> call : ruling.calls().entrySet()) {
            if (call.getKey() > next) {
                addRange(next, ruling.otherwise());
            }
            addRange(call.getKey(), call.getValue());
            next = call.getKey() + 1;
        }
        addRange(next, ruling.otherwise());
        if (ruling.architecture() == Architecture.X86_64) {
            addRange(X32_BIT, ruling.always(Action.errno(Errno.ENOSYS.number())));
        }
    }

    private void addRange(int first, List<Ruling.Check> checks) {
        if (ranges.isEmpty() || !ranges.get(ranges.size() - 1).checks().equals(checks)) {
            ranges.add(new Range(first, checks));
        }
    }

    /** The search among the ranges {@code from} to {@code to}, exclusive. */
    private int search(int from, int to) {
        if (to - from == 1) {
            return checks(ranges.get(from).checks());
        }
        if (to - from == 3 && isException(from)) {
            int exception = search(from + 1, from + 2);
            int around = search(from, from + 1);
            return program.branch(BpfProgram.JEQ, ranges.get(from + 1).first(), exception, around);
        }
        int middle = (from + to) >>> 1;
        int high = search(middle, to);
        int low = search(from, middle);
        return program.branch(BpfProgram.JGE, ranges.get(middle).first(), high, low);
    }

    /** Whether of three ranges the middle one is a single number amid two that fare alike. */
    private boolean isException(int from) {
        return ranges.get(from).checks().equals(ranges.get(from + 2).checks())
                && ranges.get(from + 2).first() - ranges.get(from + 1).first() == 1;
    }

    private int checks(List<Ruling.Check> checks) {
        Integer known = places.get(checks);
        if (known != null) {
            return known;
        }
        int last = checks.size() - 1;
        int place = program.ret(checks.get(last).action());
        for (int i = last - 1; i >= 0; i--) {
            int match = program.ret(checks.get(i).action());
            List<Condition> args = checks.get(i).args();
            for (int j = args.size() - 1; j >= 0; j--) {
                match = condition(args.get(j), match, place);
            }
            place = match;
        }
        places.put(checks, place);
        return place;
    }

    private int condition(Condition condition, int yes, int no) {
        long value = condition.value();
        return switch (condition.operator()) {
            case EQ -> masked(condition.index(), -1, value, yes, no);
            case NE -> masked(condition.index(), -1, value, no, yes);
            case MASKED_EQ -> masked(condition.index(), value, condition.valueTwo(), yes, no);
            case GE -> ordered(condition.index(), BpfProgram.JGE, value, yes, no);
            case GT -> ordered(condition.index(), BpfProgram.JGT, value, yes, no);
            case LT -> ordered(condition.index(), BpfProgram.JGE, value, no, yes);
            case LE -> ordered(condition.index(), BpfProgram.JGT, value, no, yes);
        };
    }

    private int masked(int index, long mask, long value, int yes, int no) {
        int low = maskedWord(lowWord(index), (int) mask, (int) value, yes, no);
        return maskedWord(highWord(index), (int) (mask >>> 32), (int) (value >>> 32), low, no);
    }

    private int maskedWord(int offset, int mask, int value, int yes, int no) {
        if ((value & ~mask) != 0) {
            return no;
        }
        if (mask == 0) {
            return yes;
        }
        if (mask == -1) {
            return program.loadAndBranch(offset, BpfProgram.JEQ, value, yes, no);
        }
        if (value == 0) {
            return program.loadAndBranch(offset, BpfProgram.JSET, mask, no, yes);
        }
        if (Integer.bitCount(mask) == 1) {
            return program.loadAndBranch(offset, BpfProgram.JSET, mask, yes, no);
        }
        return program.loadMaskedAndBranch(offset, mask, BpfProgram.JEQ, value, yes, no);
    }

    private int ordered(int index, int code, long value, int yes, int no) {
        int high = (int) (value >>> 32);
        int low = program.loadAndBranch(lowWord(index), code, (int) value, yes, no);
        int equal = program.branch(BpfProgram.JEQ, high, low, no);
        return program.load(highWord(index), program.branch(BpfProgram.JGT, high, yes, equal));
    }

    private static int lowWord(int index) {
        return OFFSET_ARGS + 8 * index;
    }

    private static int highWord(int index) {
        return OFFSET_ARGS + 8 * index + 4;
    }
}
