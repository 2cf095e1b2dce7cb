// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.kernel.KernelException;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SeccompViolation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a kernel whose log has what a test says, at descriptor 7. The sandbox's uids are 1000 to 1999. */
class ViolationLogTest {
    private final Kernel kernel = mock(Kernel.class);
    private final Deque<Object> records = new ArrayDeque<>();
    private ViolationLog log;

    @BeforeEach
    void open() throws Exception {
        when(kernel.open(eq("/dev/kmsg"), anyInt(), anyInt())).thenReturn(7);
        when(kernel.read(eq(7), any(), anyInt())).thenAnswer(call -> {
            Object next = records.poll();
            if (next instanceof KernelException e) {
                throw e;
            }
            if (next == null) {
                return Kernel.WOULD_BLOCK;
            }
            byte[] bytes = ((String) next).getBytes(StandardCharsets.UTF_8);
            call.getArgument(1, ByteBuffer.class).put(0, bytes);
            return bytes.length;
        });
        log = ViolationLog.open(kernel, uid -> uid >= 1000 && uid < 2000).orElseThrow();
    }

    private static String record(long millis, int uid, int call, String code) {
        return "5,1,2,-;audit: type=1326 audit(" + millis / 1000 + "." + String.format("%03d", millis % 1000)
                + ":1): auid=1"
                + " uid=" + uid + " gid=1 ses=1 pid=1 comm=\"x\" exe=\"/x\" sig=31 arch=c000003e syscall=" + call
                + " compat=0 ip=0x1 code=" + code + "\n";
    }

    private void killed(int uid, int call) {
        records.add(record(System.currentTimeMillis(), uid, call, "0x80000000"));
    }

    @Test
    void ofItsOwnUidsEachKindIsCounted() throws Exception {
        killed(1000, 83);
        killed(1999, 83);
        killed(2000, 83);
        killed(999, 83);
        records.add("6,1,2,-;eth0: renamed\n");

        assertThat(log.read(0)).containsExactly(new SeccompViolation("mkdir", "x", true, 2));
        assertThat(log.read(0)).as("it stays").containsExactly(new SeccompViolation("mkdir", "x", true, 2));
    }

    @Test
    void whatCameBeforeACommandIsNotItsOwnAndItsOwnEndIsKnownByItsPid() throws Exception {
        long now = System.currentTimeMillis();
        records.add(record(now + 1_000, 1000, 83, "0x80000000"));
        records.add(record(now + 5_000, 1000, 84, "0x80000000"));

        assertThat(log.read(now + 3_000)).containsExactly(new SeccompViolation("rmdir", "x", true, 1));
        assertThat(log.tellsOf(1)).isTrue();
        assertThat(log.tellsOf(2)).isFalse();
    }

    @Test
    void whatTheLogHadToMakeRoomForIsPassedOver() throws Exception {
        records.add(new KernelException("read", "", Errno.EPIPE.number()));
        killed(1000, 83);

        assertThat(log.read(0)).hasSize(1);
    }

    @Test
    void whatWasBeforeItOrComesAfterItsEndIsSomebodyElses() throws Exception {
        records.add(record(System.currentTimeMillis() - 1000, 1000, 83, "0x80000000"));
        log.ended();
        records.add(record(System.currentTimeMillis() + 1000, 1000, 83, "0x80000000"));

        assertThat(log.read(0)).isEmpty();
    }

    @Test
    void manyLoggedNamesKeepNoKillFromBeingCounted() throws Exception {
        for (int i = 0; i < 2000; i++) {
            records.add(record(System.currentTimeMillis(), 1000, 10_000 + i, "0x7ffc0000"));
        }
        killed(1000, 83);

        assertThat(log.read(0)).hasSize(1025).contains(new SeccompViolation("mkdir", "x", true, 1));
    }

    @Test
    void whatWasFoundStaysWhenItIsClosedAndTheDescriptorIsClosedOnce() throws Exception {
        killed(1000, 83);
        assertThat(log.read(0)).hasSize(1);
        log.close();
        log.close();

        assertThat(log.read(0)).hasSize(1);
        verify(kernel, times(1)).close(7);
    }

    @Test
    void whoMayNotReadTheLogHasNone() throws Exception {
        when(kernel.open(eq("/dev/kmsg"), anyInt(), anyInt()))
                .thenThrow(new KernelException("open", "/dev/kmsg", Errno.EPERM.number()));

        assertThat(ViolationLog.open(kernel, uid -> true)).isEmpty();
        verify(kernel, never()).close(anyInt());
    }
}
