// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import java.io.IOException;

/** A context that parks a few children behind launches, taken as they come. */
final class HutchStock extends Contender.Here {
    private static final int STOCK = 8;

    private final Hutch context;
    private final Sandbox box;
    private final String program;

    HutchStock(String program) throws IOException {
        this.program = program;
        this.context = Hutch.builder().stock(STOCK).build();
        this.box = Sandbox.builder().context(context).build();
    }

    @Override
    public String name() {
        return "Hutch, with a stock of " + STOCK;
    }

    @Override
    void launch() throws IOException, InterruptedException {
        HutchCold.launch(box, program);
    }

    @Override
    public void close() throws IOException {
        context.close();
    }
}
