// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import org.junit.jupiter.api.Test;

/** A context of somebody's own. */
@KernelTest(Need.USER_NAMESPACES)
class ContextKernelTest extends SandboxCase {
    @Test
    void itsSandboxesBeginWithItsDefaultsAndEndWithIt() throws Exception {
        Sandbox box;
        try (Hutch context =
                Hutch.builder().defaults(sandbox().hostname("usual").build()).build()) {
            box = context.sandbox().build();
            assertThat(box.run("uname", "-n").out()).isEqualTo("usual\n");
            assertThat(context.sandbox()
                            .hostname("own")
                            .build()
                            .run("uname", "-n")
                            .out())
                    .isEqualTo("own\n");
        }

        assertThatThrownBy(() -> box.run("true")).hasMessageContaining("closed");
    }

    @Test
    void whatHasNoWallsIsNoDefault() {
        Sandbox bare = Sandbox.builder().unsafeLocal().build();

        assertThatThrownBy(() -> Hutch.builder().defaults(bare))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("runner");
    }
}
