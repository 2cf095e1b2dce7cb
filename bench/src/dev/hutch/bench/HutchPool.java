// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.SandboxPool;
import java.io.IOException;

/** Containers of one sandbox made ahead; a block begins when as many wait as it launches. */
final class HutchPool extends InHutch {
    private final SandboxPool pool;
    private final int size;

    HutchPool(String program, int size) throws IOException {
        super("Hutch, from a warm pool", program, Hutch.builder().stock(0).build());
        this.size = size;
        this.pool = SandboxPool.builder(box).minimum(size).maximum(size).build();
    }

    @Override
    void prepare(int launches) throws InterruptedException {
        while (pool.ready() < Math.min(launches, size)) {
            Thread.sleep(1);
        }
    }
}
