// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Java and C count the same ops: a plan whose numbers mean something else over there would be another plan. */
class OpCodeTest {
    @Test
    void theCodesAreThoseOfTheHeaderInItsOrder() {
        List<String> header =
                PlanHeader.ops().stream().map(PlanHeader.OpRow::name).toList();

        assertThat(header).hasSizeGreaterThan(20);
        assertThat(Stream.of(OpCode.values()).skip(1).map(Enum::name)).containsExactlyElementsOf(header);
        assertThat(OpCode.NOTHING.ordinal()).isZero();
    }

    @Test
    void theFlagsAreThoseOfTheHeader() {
        assertThat(PlanHeader.constants("op_flag"))
                .isEqualTo(Map.of(
                        "OP_AS_ROOT", (long) Op.AS_ROOT,
                        "OP_NO_SYMLINKS", (long) Op.NO_SYMLINKS,
                        "OP_RECURSIVE", (long) Op.RECURSIVE,
                        "OP_SOURCE_IN_ROOT", (long) Op.SOURCE_IN_ROOT,
                        "OP_IF_EXISTS", (long) Op.IF_EXISTS,
                        "OP_MAY_EXIST", (long) Op.MAY_EXIST,
                        "OP_REPLACE", (long) Op.REPLACE,
                        "OP_LISTEN", (long) Op.LISTEN,
                        "OP_APPEND", (long) Op.APPEND));
    }

    @Test
    void partsAndOpsHaveTheShapeThatTheEncoderWrites() {
        assertThat(PlanHeader.layout("hutch_part"))
                .isEqualTo(Map.of("magic", 0, "size", 4, "op_count", 8, "in_memory", 12, "sizeof", 16));
        assertThat(PlanHeader.layout("hutch_op"))
                .isEqualTo(Map.of("code", 0, "fd", 2, "flags", 4, "str", 8, "length", 20, "num", 24, "sizeof", 40));
    }

    @Test
    void messagesCarryAsMuchAsTheOtherSideTakes() {
        assertThat(PlanHeader.constants("")).containsEntry("PLAN_MAGIC", (long) PlanPart.MAGIC);
        assertThat(PlanHeader.constants("limit")).containsEntry("MAX_INLINE", (long) PlanPart.MAX_INLINE);
        assertThat(PlanHeader.layout("hutch_part")).containsEntry("sizeof", PlanPart.HEAD);
    }
}
