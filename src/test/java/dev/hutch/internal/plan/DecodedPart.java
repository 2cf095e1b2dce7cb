// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plan part read back from its bytes, by the header's own table of what an op refers to. */
record DecodedPart(int magic, int size, boolean inMemory, List<DecodedOp> ops) {
    record DecodedOp(
            OpCode code, int fd, int flags, List<@Nullable Object> operands, long num0, long num1, int length) {}

    static final int NO_FD = 0xffff;

    static DecodedPart of(PlanPart part) {
        ByteBuffer bytes = part.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<DecodedOp> ops = new ArrayList<>();
        for (int i = 0; i < bytes.getInt(8); i++) {
            int at = 16 + 40 * i;
            int code = bytes.getShort(at);
            List<String> kinds = PlanHeader.ops().get(code - 1).operands();
            List<@Nullable Object> operands = new ArrayList<>();
            for (int j = 0; j < 3; j++) {
                operands.add(operand(bytes, kinds.get(j), bytes.getInt(at + 8 + 4 * j), bytes.getInt(at + 20)));
            }
            ops.add(new DecodedOp(
                    OpCode.values()[code],
                    Short.toUnsignedInt(bytes.getShort(at + 2)),
                    bytes.getInt(at + 4),
                    operands,
                    bytes.getLong(at + 24),
                    bytes.getLong(at + 32),
                    bytes.getInt(at + 20)));
        }
        return new DecodedPart(bytes.getInt(0), bytes.getInt(4), bytes.getInt(12) != 0, ops);
    }

    private static @Nullable Object operand(ByteBuffer bytes, String kind, int offset, int length) {
        return switch (kind) {
            case "TEXT" -> text(bytes, offset);
            case "SOURCE" -> offset == 0 ? null : text(bytes, offset);
            case "LIST" -> list(bytes, offset);
            case "BLOB" -> blob(bytes, offset, length);
            default -> offset == 0 ? null : "offset " + offset + " where there is no operand";
        };
    }

    private static String text(ByteBuffer bytes, long offset) {
        int end = (int) offset;
        while (bytes.get(end) != 0) {
            end++;
        }
        return new String(blob(bytes, (int) offset, end - (int) offset), StandardCharsets.UTF_8);
    }

    private static List<String> list(ByteBuffer bytes, int offset) {
        if (offset % 8 != 0) {
            throw new IllegalStateException("a list at " + offset);
        }
        List<String> strings = new ArrayList<>();
        for (int at = offset; bytes.getLong(at) != 0; at += 8) {
            strings.add(text(bytes, bytes.getLong(at)));
        }
        return strings;
    }

    private static byte[] blob(ByteBuffer bytes, int offset, int length) {
        byte[] blob = new byte[length];
        bytes.get(offset, blob);
        return blob;
    }
}
