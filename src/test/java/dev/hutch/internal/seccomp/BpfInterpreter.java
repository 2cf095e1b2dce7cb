// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a filter as the kernel does: classic BPF over struct seccomp_data, loads of whole words only. */
public final class BpfInterpreter {
    private final ByteBuffer program;
    private final int size;

    /** @throws IllegalArgumentException where the kernel's check would say EINVAL */
    public BpfInterpreter(byte[] bytes) {
        program = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        size = bytes.length / 8;
        require(bytes.length % 8 == 0 && size > 0 && size <= 4096, "length " + bytes.length);
        for (int i = 0; i < size; i++) {
            check(i);
        }
        require((code(size - 1) & 7) == 6, "the last instruction returns");
    }

    public int size() {
        return size;
    }

    /** The SECCOMP_RET_* that a call gets. */
    public int run(int auditArch, int number, long... args) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(auditArch).putLong(0x7f00_dead_beefL);
        for (long arg : args) {
            data.putLong(arg);
        }
        return walk(data);
    }

    private int walk(ByteBuffer data) {
        int a = 0;
        int pc = 0;
        while (true) {
            int k = program.getInt(pc * 8 + 4);
            int code = code(pc);
            int at = pc++;
            switch (code) {
                case 0x06 -> {
                    return k;
                }
                case 0x05 -> pc += k;
                case 0x20 -> a = data.getInt(k);
                case 0x54 -> a &= k;
                case 0x15 -> pc += jump(at, a == k);
                case 0x25 -> pc += jump(at, Integer.compareUnsigned(a, k) > 0);
                case 0x35 -> pc += jump(at, Integer.compareUnsigned(a, k) >= 0);
                case 0x45 -> pc += jump(at, (a & k) != 0);
                default -> throw new IllegalStateException("code " + code);
            }
        }
    }

    private void check(int at) {
        int k = program.getInt(at * 8 + 4);
        switch (code(at)) {
            case 0x06, 0x54 -> {}
            case 0x05 -> require(k >= 0 && at + 1 + k < size, "jump from " + at + " by " + k);
            case 0x20 -> require(k >= 0 && k <= 60 && k % 4 == 0, "load of " + k);
            case 0x15, 0x25, 0x35, 0x45 ->
                require(at + 1 + Math.max(jump(at, true), jump(at, false)) < size, "branch at " + at);
            default -> throw new IllegalArgumentException("code " + code(at) + " at " + at);
        }
    }

    private int code(int at) {
        return program.getShort(at * 8);
    }

    private int jump(int at, boolean taken) {
        return program.get(at * 8 + (taken ? 2 : 3)) & 0xff;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
