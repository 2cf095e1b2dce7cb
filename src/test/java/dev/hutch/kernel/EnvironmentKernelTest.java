// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What execve(2) is given: the defaults, over them the sandbox's variables, and over those the command's. */
@KernelTest(Need.USER_NAMESPACES)
class EnvironmentKernelTest extends SandboxCase {
    private static Command env(String... variables) {
        Command.Builder command = Command.builder("env");
        for (int i = 0; i < variables.length; i += 2) {
            command.environment(variables[i], variables[i + 1]);
        }
        return command.build();
    }

    @Test
    void theSandboxesVariablesAreEveryCommandsAndTheCommandsGoBefore() throws Exception {
        Sandbox box = sandbox()
                .environment("LANG", "C")
                .environment("WHOSE", "the sandbox's")
                .build();

        assertThat(lines(box, env())).contains("LANG=C", "WHOSE=the sandbox's", "HOME=/home/user");
        List<String> own = lines(box.toBuilder().build(), env("WHOSE", "its own", "EMPTY", ""));
        assertThat(own).contains("LANG=C", "WHOSE=its own", "EMPTY=").doesNotContain("WHOSE=the sandbox's");
        try (SandboxSession session = box.session()) {
            assertThat(session.run(env()).out()).contains("WHOSE=the sandbox's\n");
        }
        assertThat(lines(sandbox().build(), env())).noneMatch(line -> line.startsWith("WHOSE="));
    }

    @Test
    void aNameThatCannotBeOneIsRefusedWhereItIsSet() {
        for (String name : List.of("", "A=B", "A\0")) {
            assertThatThrownBy(() -> sandbox().environment(name, "value"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("environment");
        }
    }
}
