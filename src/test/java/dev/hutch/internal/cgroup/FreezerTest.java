// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.kernel.KernelFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreezerTest {
    private static final long LONG = 60_000_000_000L;

    private final KernelFiles files = mock(KernelFiles.class);

    @Test
    void version1IsLookedAtUntilItIsNoLongerFreezing() throws Exception {
        when(files.read("/c/freezer.state")).thenReturn("FREEZING\n", "FREEZING\n", "FROZEN\n");

        assertThat(Freezer.awaitV1(files, "/c", LONG)).isTrue();
        verify(files, times(3)).read("/c/freezer.state");
    }

    @Test
    void version1ThatIsResumedMeanwhileIsNotWaitedFor() throws Exception {
        when(files.read("/c/freezer.state")).thenReturn("FREEZING\n", "THAWED\n");

        assertThat(Freezer.awaitV1(files, "/c", LONG)).isFalse();
    }

    @Test
    void version1ThatNeverStopsIsWaitedForOnlySoLong() throws Exception {
        when(files.read("/c/freezer.state")).thenReturn("FREEZING\n");

        assertThat(Freezer.awaitV1(files, "/c", 0)).isFalse();
    }

    @Test
    void version2PollsForTheChangeAndLeavesNoDescriptorOpen() throws Exception {
        events("populated 1\nfrozen 0\n", "populated 1\nfrozen 1\n");

        assertThat(Freezer.awaitV2(files, "/c", LONG)).isTrue();
        verify(files, times(1)).poll(anyInt(), eq(KernelFiles.CHANGED), eq(7));
        verify(files, times(2)).close(7);
    }

    @Test
    void version2ThatNeverStopsIsWaitedForOnlySoLong() throws Exception {
        events("populated 1\nfrozen 0\n");

        assertThat(Freezer.awaitV2(files, "/c", 0)).isFalse();
        verify(files).close(7);
    }

    private void events(String... contents) throws Exception {
        Iterator<String> next = List.of(contents).iterator();
        when(files.open("/c/cgroup.events", 0, 0)).thenReturn(7);
        when(files.read(eq(7), any(ByteBuffer.class), anyInt())).thenAnswer(call -> {
            byte[] text = next.next().getBytes(StandardCharsets.UTF_8);
            call.<ByteBuffer>getArgument(1).put(0, text);
            return text.length;
        });
    }
}
