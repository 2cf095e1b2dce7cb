// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.SandboxPool;
import dev.hutch.spec.Command;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.LoggedWarnings;
import dev.hutch.support.Need;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody closed and nobody can reach. That nothing stays is checked after each of these. */
@Timeout(60)
@KernelTest(Need.USER_NAMESPACES)
class ForgottenKernelTest extends SandboxCase {
    @Test
    void aForgottenContextIsClosedAndThatIsLogged() throws Exception {
        try (LoggedWarnings warnings = new LoggedWarnings()) {
            useAndForget();
            while (warnings.all().isEmpty()) {
                collect();
            }
            assertThat(warnings.all())
                    .singleElement()
                    .asString()
                    .startsWith("a context was forgotten without being closed");
        }
    }

    private static void useAndForget() throws Exception {
        Hutch context = Hutch.builder().build();
        SandboxPool pool =
                SandboxPool.builder(sandbox().context(context).build()).build();
        assertThat(pool.run("/bin/true").succeeded()).isTrue();
    }

    @Test
    void aContextThatOnlyARunningProgramNeedsStays() throws Exception {
        Command command = Command.shell("echo ready; read end; echo over").toBuilder()
                .input("end\n")
                .onStdoutLine(line -> collect())
                .build();

        SandboxResult result =
                sandbox().context(Hutch.builder().build()).build().run(command);

        assertThat(result.out()).as(result.inWords()).isEqualTo("ready\nover\n");
        try (LoggedWarnings warnings = new LoggedWarnings()) {
            while (warnings.all().isEmpty()) {
                collect();
            }
        }
    }

    /** Something that died before is collected: so is all that did. */
    private static void collect() {
        WeakReference<Object> dead = new WeakReference<>(new Object());
        while (!dead.refersTo(null)) {
            System.gc();
        }
    }
}
