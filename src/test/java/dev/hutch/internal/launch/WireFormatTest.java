// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.internal.plan.PlanHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Java and C send each other has the same shape on both sides. */
class WireFormatTest {
    @Test
    void requestsAreThoseOfTheHeader() {
        assertThat(PlanHeader.layout("hutch_request"))
                .isEqualTo(Map.of("magic", 0, "flags", 4, "id", 8, "namespaces", 16, "sizeof", Zygote.REQUEST_SIZE));
        assertThat(PlanHeader.constants("request_flag"))
                .isEqualTo(Map.of(
                        "REQUEST_INTO_CGROUP", (long) Zygote.INTO_CGROUP,
                        "REQUEST_GUARD", (long) Zygote.GUARD,
                        "REQUEST_NEW_PID", (long) Zygote.NEW_PID,
                        "REQUEST_KILL_FILE", (long) Zygote.KILL_FILE,
                        "REQUEST_SWEEP", (long) Zygote.SWEEP,
                        "REQUEST_THAW", (long) Zygote.THAW,
                        "REQUEST_IN_NETNS", (long) Zygote.IN_NETNS));
        assertThat(PlanHeader.constants(""))
                .containsEntry("REQUEST_MAGIC", (long) Zygote.REQUEST_MAGIC)
                .containsEntry("GO_MAGIC", (long) Channel.GO_MAGIC);
    }

    @Test
    void theGoAheadIsThatOfTheHeader() {
        assertThat(PlanHeader.layout("hutch_go"))
                .isEqualTo(Map.of("magic", 0, "flags", 4, "uid", 8, "gid", 12, "join", 16, "sizeof", Channel.GO_SIZE));
        assertThat(PlanHeader.constants("go_flag"))
                .isEqualTo(Map.of(
                        "GO_IDS", (long) Channel.GO_IDS,
                        "GO_SETGROUPS", (long) Channel.GO_SETGROUPS,
                        "GO_UNSHARE_CGROUP", (long) Channel.GO_UNSHARE_CGROUP,
                        "GO_UNSHARE_TIME", (long) Channel.GO_UNSHARE_TIME));
    }

    @Test
    void messagesAreThoseOfTheHeader() {
        assertThat(PlanHeader.layout("hutch_message"))
                .containsEntry("kind", 0)
                .containsEntry("stage", 4)
                .containsEntry("op", 8)
                .containsEntry("error", 12)
                .containsEntry("pid", 16)
                .containsEntry("sizeof", Channel.MESSAGE_SIZE);
        assertThat(PlanHeader.constants("message_kind"))
                .containsEntry("MESSAGE_CLONED", (long) Channel.CLONED)
                .containsEntry("MESSAGE_READY", (long) Channel.READY)
                .containsEntry("MESSAGE_FAILED", (long) Channel.FAILED);
    }

    @Test
    void everyStageHasWords() {
        Map<String, Long> stages = PlanHeader.constants("stage");

        assertThat(stages).containsEntry("STAGE_OP", (long) OpFailure.STAGE_OP);
        assertThat(OpFailure.STAGES.keySet())
                .containsExactlyInAnyOrderElementsOf(stages.values().stream()
                        .filter(stage -> stage != OpFailure.STAGE_OP)
                        .map(Long::intValue)
                        .toList());
    }

    @Test
    void aReportIsReadFieldByField() {
        Map<String, Integer> layout = PlanHeader.layout("hutch_report");
        assertThat(layout).containsEntry("sizeof", Report.SIZE);
        ByteBuffer bytes = ByteBuffer.allocateDirect(Report.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(layout.get("kind"), 2)
                .putInt(layout.get("status"), 0x100)
                .putLong(layout.get("id"), 1L << 40)
                .putInt(layout.get("stage"), 8)
                .putInt(layout.get("op"), 5)
                .putInt(layout.get("error"), 2)
                .putInt(layout.get("pid"), 77)
                .putLong(layout.get("exec_nanos"), 11)
                .putLong(layout.get("end_nanos"), 12)
                .putLong(layout.get("user_micros"), 13)
                .putLong(layout.get("system_micros"), 14)
                .putLong(layout.get("voluntary_switches"), 15)
                .putLong(layout.get("involuntary_switches"), 16);

        assertThat(Report.read(bytes)).isEqualTo(new Report(2, 0x100, 1L << 40, 8, 5, 2, 77, 11, 12, 13, 14, 15, 16));
        assertThat(PlanHeader.constants("report_kind"))
                .isEqualTo(Map.of(
                        "REPORT_SETUP", (long) Report.SETUP,
                        "REPORT_ENDED", (long) Report.ENDED,
                        "REPORT_REAPED", (long) Report.REAPED));
    }
}
