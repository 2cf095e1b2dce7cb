// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxListener;
import dev.hutch.SandboxPool;
import dev.hutch.spec.Mount;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.Inside;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The sandboxes of a soak: in a context without a stock, in one with, of blanks too, and in a pool; every start and end is counted. */
final class SoakBoxes implements AutoCloseable {
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final Hutch bare;
    private final Hutch stocked;

    final Sandbox plain;
    final Sandbox hurried;
    final Sandbox thrifty;
    final Sandbox tight;
    final Sandbox flooded;
    final Sandbox guarded;
    final Sandbox prepared;
    final SandboxPool pool;

    SoakBoxes() throws IOException {
        bare = Hutch.builder().listener(counter()).stock(0).build();
        stocked = Hutch.builder().listener(counter()).stock(4).build();
        plain = probed(bare).build();
        hurried = probed(stocked).wallTime(Duration.ofMillis(5)).build();
        thrifty = probed(bare).cpuTime(Duration.ofMillis(5)).build();
        tight = probed(bare).memory(Size.mebibytes(8)).build();
        flooded = probed(bare).outputLimit(Size.kibibytes(64)).build();
        guarded = probed(stocked).init(false).build();
        prepared = Sandbox.builder().context(stocked).build();
        pool = SandboxPool.builder(probed(stocked).hostname("pool").build())
                .minimum(2)
                .maximum(4)
                .build();
    }

    private static Sandbox.Builder probed(Hutch context) {
        return Sandbox.builder().context(context).mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
    }

    private SandboxListener counter() {
        return new SandboxListener() {
            @Override
            public void started(RunningSandbox sandbox) {
                started.incrementAndGet();
            }

            @Override
            public void exited(RunningSandbox sandbox, SandboxResult result) {
                ended.incrementAndGet();
            }
        };
    }

    /** How many run, by what the listeners were told. */
    long running() {
        // Ends first: what starts in between is one that runs.
        long over = ended.get();
        return started.get() - over;
    }

    @Override
    public void close() throws SandboxException {
        pool.close();
        stocked.close();
        bare.close();
    }
}
