// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.JavaProgram;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.JavaPayload;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import org.junit.jupiter.api.Test;

/** Java programs in containers that had their files mounted before: made ahead, or running. */
@KernelTest(Need.USER_NAMESPACES)
class JavaPoolKernelTest extends SandboxCase {
    private static final JavaProgram PAYLOAD =
            JavaProgram.mainClass(JavaPayload.class).build();

    private static Command look(String argument) {
        return Command.java(JavaPayload.class, "look", argument);
    }

    private static Sandbox.Builder java() {
        return sandbox().limits(Limits.forJava());
    }

    private static void looked(SandboxResult result, String argument) {
        assertThat(result.succeeded()).as(result.out() + result.err()).isTrue();
        assertThat(result.out()).endsWith("[" + argument + "]\n");
    }

    @Test
    void aPoolServesProgramsWhoseFilesItsSandboxMounts() throws Exception {
        Sandbox box = java().mountJava(PAYLOAD).build();
        try (SandboxPool pool = SandboxPool.builder(box).build()) {
            for (String argument : new String[] {"one", "other"}) {
                while (pool.ready() == 0) {
                    Thread.sleep(1);
                }
                SandboxResult result = pool.run(look(argument));
                looked(result, argument);
                assertThat(result.setup().fork()).as("made ahead").isZero();
            }
        }
        assertThat(box.run(look("none")).setup().fork()).isPositive();
    }

    @Test
    void aPoolWithoutThemServesNoJavaProgramAndItRunsAllTheSame() throws Exception {
        try (SandboxPool pool = SandboxPool.builder(java().build()).build()) {
            SandboxResult result = pool.run(look("a"));
            looked(result, "a");
            assertThat(result.setup().fork()).isPositive();
        }
    }

    @Test
    void aSessionAndAnExecRunIt() throws Exception {
        Sandbox box = java().mountJava(PAYLOAD).build();
        try (SandboxSession session = box.session()) {
            looked(session.run(look("call")), "call");
        }
        try (SandboxProcess first = box.start("sleep", "1000");
                SandboxProcess joined = first.exec(look("exec"))) {
            assertThat(new String(joined.getInputStream().readAllBytes())).endsWith("[exec]\n");
        }
    }

    @Test
    void whoseFilesAreNotThereCannotJoin() throws Exception {
        try (SandboxSession session = java().build().session()) {
            assertThatThrownBy(() -> session.run(look("a")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Sandbox.Builder.mountJava");
        }
    }
}
