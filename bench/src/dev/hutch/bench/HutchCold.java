// SPDX-License-Identifier: Apache-2.0
package dev.hutch.bench;

import dev.hutch.Sandbox;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import java.io.IOException;

/** Hutch with all its defaults and nothing prepared ahead. */
final class HutchCold extends Contender.Here {
    private final Sandbox box = Sandbox.builder().build();
    private final String program;

    HutchCold(String program) {
        this.program = program;
    }

    @Override
    public String name() {
        return "Hutch, cold";
    }

    @Override
    void launch() throws IOException, InterruptedException {
        launch(box, program);
    }

    static void launch(Sandbox box, String program) throws IOException, InterruptedException {
        SandboxResult result = box.run(program);
        if (!result.outcome().equals(new Outcome.Exited(0))) {
            throw new IOException(result.toString());
        }
    }
}
