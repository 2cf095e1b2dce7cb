// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;

/** Hutch with all its defaults, in a context of its own. */
class InHutch extends Contender.Here {
    final Sandbox box;
    private final String name;
    private final String program;
    private final Hutch context;

    InHutch(String name, String program, Hutch context) {
        this.name = name;
        this.program = program;
        this.context = context;
        this.box = Sandbox.builder().context(context).build();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    void launch() throws IOException, InterruptedException {
        SandboxResult result = box.run(program);
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IOException(result.toString());
        }
    }

    @Override
    public void close() throws IOException {
        context.close();
    }
}
