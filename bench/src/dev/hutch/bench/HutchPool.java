// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import java.io.IOException;

/** Containers of one sandbox made ahead; a block begins when as many wait as it launches. */
final class HutchPool extends Contender.Here {
    private final Hutch context;
    private final Sandbox box;
    private final SandboxPool pool;
    private final String program;
    private final int size;

    HutchPool(String program, int size) throws IOException {
        this.program = program;
        this.size = size;
        this.context = Hutch.builder().build();
        this.box = Sandbox.builder().context(context).build();
        this.pool = SandboxPool.builder(box).minimum(size).maximum(size).build();
    }

    @Override
    public String name() {
        return "Hutch, from a warm pool";
    }

    @Override
    void prepare(int launches) throws InterruptedException {
        while (pool.ready() < Math.min(launches, size)) {
            Thread.sleep(1);
        }
    }

    @Override
    void launch() throws IOException, InterruptedException {
        HutchCold.launch(box, program);
    }

    @Override
    public void close() throws IOException {
        pool.close();
        context.close();
    }
}
