// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A classic BPF program that is written from its end to its beginning. Jumps in BPF only lead forward, so each target
 * exists when a jump to it is written, and its distance is known at once. A place in the program is the number of
 * instructions behind it, plus one; linux/filter.h, the kernel's Documentation/networking/filter.rst.
 */
final class BpfProgram {
    static final int JEQ = 0x15;
    static final int JGT = 0x25;
    static final int JGE = 0x35;
    static final int JSET = 0x45;

    private static final int LD_ABS = 0x20;
    private static final int AND = 0x54;
    private static final int JA = 0x05;
    private static final int RET = 0x06;

    /** The kernel's BPF_MAXINSNS. */
    static final int LONGEST = 4096;

    private static final int FARTHEST = 255;
    private static final int BYTES = 8;

    /** Last instruction first; each is code, jt, jf, k from its upper to its lower bits. */
    private long[] instructions = new long[512];

    private int size;
    private final Map<Integer, Integer> returns = new HashMap<>();

    /** Where the program returns this; written where no such place is there yet. */
    int ret(Action action) {
        Integer place = returns.get(action.code());
        return place == null ? writeReturn(action.code()) : place;
    }

    /** Loads a word of struct seccomp_data and goes on at {@code next}. */
    int load(int offset, int next) {
        follow(next);
        return write(LD_ABS, 0, 0, offset);
    }

    /** Loads a word and branches on it. */
    int loadAndBranch(int offset, int code, int k, int yes, int no) {
        int onYes = skipLoad(yes, offset);
        int onNo = skipLoad(no, offset);
        return onYes == onNo ? yes : load(offset, branch(code, k, onYes, onNo));
    }

    /** Loads a word, masks it and branches on what is left. */
    int loadMaskedAndBranch(int offset, int mask, int code, int k, int yes, int no) {
        if (yes == no) {
            return yes;
        }
        branch(code, k, yes, no);
        write(AND, 0, 0, mask);
        return write(LD_ABS, 0, 0, offset);
    }

    /** Branches on the word that is loaded. */
    int branch(int code, int k, int yes, int no) {
        if (yes == no) {
            return yes;
        }
        int onYes = near(yes);
        int onNo = near(no);
        return write(code, size - onYes, size - onNo, k);
    }

    int size() {
        return size;
    }

    /** The program as seccomp(2) takes it: struct sock_filter, little-endian. */
    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(size * BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = size - 1; i >= 0; i--) {
            long instruction = instructions[i];
            bytes.putShort((short) (instruction >>> 48));
            bytes.put((byte) (instruction >>> 40));
            bytes.put((byte) (instruction >>> 32));
            bytes.putInt((int) instruction);
        }
        return bytes.array();
    }

    /** A place that does what {@code place} does and that a branch can reach, even behind one more such stepping stone. */
    private int near(int place) {
        if (size - place < FARTHEST) {
            return place;
        }
        long instruction = instructions[place - 1];
        return code(instruction) == RET ? writeReturn((int) instruction) : write(JA, 0, 0, size - place);
    }

    /** Makes {@code next} what follows the instruction that is written next. */
    private void follow(int next) {
        if (next != size) {
            write(JA, 0, 0, size - next);
        }
    }

    /** The place behind a load of the word that is loaded anyway. */
    private int skipLoad(int place, int offset) {
        long instruction = instructions[place - 1];
        return code(instruction) == LD_ABS && (int) instruction == offset ? place - 1 : place;
    }

    private int writeReturn(int value) {
        int place = write(RET, 0, 0, value);
        returns.put(value, place);
        return place;
    }

    private int write(int code, int yes, int no, int k) {
        if (size == instructions.length) {
            instructions = Arrays.copyOf(instructions, size * 2);
        }
        instructions[size++] = (long) code << 48 | (long) yes << 40 | (long) no << 32 | (k & 0xffff_ffffL);
        return size;
    }

    private static int code(long instruction) {
        return (int) (instruction >>> 48);
    }
}
