// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Messages about queueing disciplines; tc(8), tc-tbf(8). */
public final class TrafficControl {
    private static final int NEWQDISC = 36;
    private static final int ROOT = -1;
    private static final int FIRST = 0x10000;
    private static final int KIND = 1;
    private static final int OPTIONS = 2;
    private static final int TBF_PARMS = 1;
    private static final int TBF_RATE64 = 4;
    private static final int TBF_BURST = 6;
    private static final byte ETHERNET = 1;

    /** Of struct tc_tbf_qopt: a rate, a peak rate, and three numbers. */
    private static final int PARMS_LENGTH = 2 * 12 + 3 * 4;

    private static final int LINKLAYER_AT = 1;
    private static final int RATE_AT = 8;
    private static final int LIMIT_AT = 24;

    /** What may be sent at once after a pause: less, and a timer tick would be too long for the rate. */
    private static final long LEAST_BURST = 16 * 1024;

    private static final long BURSTS_A_SECOND = 100;

    /** The longest that a packet waits before the next is dropped. */
    private static final long WAITS_A_SECOND = 20;

    private TrafficControl() {}

    /**
     * Nothing leaves over the link faster, but for a burst of 16 KiB or of what 10 ms carry: a token bucket in place of any
     * queueing discipline at its root.
     *
     * @param bytes a second, 1 or more
     */
    public static Request limit(int link, long bytes) {
        long burst = Math.min(Integer.MAX_VALUE, Math.max(LEAST_BURST, bytes / BURSTS_A_SECOND));
        long queue = Math.min(Integer.MAX_VALUE, burst + Math.max(LEAST_BURST, bytes / WAITS_A_SECOND));
        byte[] parms = ByteBuffer.allocate(PARMS_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(LINKLAYER_AT, ETHERNET)
                .putInt(RATE_AT, (int) Math.min(bytes, 0xffff_ffffL))
                .putInt(LIMIT_AT, (int) queue)
                .array();
        return Request.of(NEWQDISC, Request.CREATE | Request.REPLACE)
                .byteField(0)
                .byteField(0)
                .shortField(0)
                .intField(link)
                .intField(FIRST)
                .intField(ROOT)
                .intField(0)
                .text(KIND, "tbf")
                .nested(
                        OPTIONS,
                        options -> options.bytes(TBF_PARMS, parms)
                                .u64(TBF_RATE64, bytes)
                                .u32(TBF_BURST, burst));
    }
}
