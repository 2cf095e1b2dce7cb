// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.hutch.internal.cgroup.LimitEvents;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.internal.launch.Report;
import dev.hutch.spec.SandboxException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitWatchTest {
    private static final int LONG = 30_000;

    private final LimitWatch watch = new LimitWatch();
    private final BlockingQueue<LimitEvents> told = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        watch.close();
    }

    private static LiveChild child(CompletableFuture<Report> end, LimitEvents... counters) throws Exception {
        LiveChild child = mock(LiveChild.class);
        when(child.ended()).thenReturn(end);
        var stub = when(child.limitEvents());
        for (LimitEvents each : counters) {
            stub = stub.thenReturn(each);
        }
        return child;
    }

    @Test
    void onlyWhatChangedIsTold() throws Exception {
        LimitEvents one = new LimitEvents(1, 0);
        LimitEvents two = new LimitEvents(1, 3);
        LiveChild child = child(new CompletableFuture<>(), LimitEvents.NONE, one, one, two);

        watch.watch(child, told::add);

        assertThat(told.take()).isEqualTo(one);
        assertThat(told.take()).isEqualTo(two);
        verify(child, timeout(LONG).atLeast(5)).limitEvents();
        assertThat(told).isEmpty();
    }

    @Test
    void whatEndedIsNotLookedAtAgainAndTheNextOneIs() throws Exception {
        CompletableFuture<Report> end = new CompletableFuture<>();
        LiveChild first = child(end, LimitEvents.NONE);
        LiveChild second = child(new CompletableFuture<>(), LimitEvents.NONE);
        watch.watch(first, told::add);
        verify(first, timeout(LONG)).limitEvents();

        end.complete(null);
        clearInvocations(first);
        watch.watch(second, told::add);
        verify(second, timeout(LONG).atLeast(3)).limitEvents();
        verify(first, never()).limitEvents();
    }

    @Test
    void oneThatCanNotBeReadKeepsNoOtherFromBeingLookedAt() throws Exception {
        LiveChild broken = mock(LiveChild.class);
        when(broken.ended()).thenReturn(new CompletableFuture<>());
        when(broken.limitEvents()).thenThrow(new SandboxException("read", "", null, "on purpose"));
        LiveChild other = child(new CompletableFuture<>(), LimitEvents.NONE);
        watch.watch(broken, told::add);
        watch.watch(other, told::add);

        verify(other, timeout(LONG).atLeast(3)).limitEvents();
        verify(broken).limitEvents();
    }
}
