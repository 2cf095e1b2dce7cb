// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.Command;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches beyond what one message holds: parts of many descriptors, parts that come as memory files. */
@KernelTest(Need.USER_NAMESPACES)
class LargeLaunchFaultTest extends FaultCase {
    private static final int LONGEST_STRING = 128 * 1024;

    @Test
    void twoThousandBindMountsAreAllThere(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "bound\n");
        Sandbox.Builder box = Sandbox.builder();
        for (int i = 0; i < 2000; i++) {
            box.bindReadOnly(file, Path.of("/many/" + i));
        }

        SandboxResult result = box.build().run("/bin/sh", "-c", "cat /many/* | grep -c bound");

        assertThat(result.out()).isEqualTo("2000\n");
    }

    @Test
    void nearlyTwoMebibytesOfArgumentsAndEnvironmentArrive() throws Exception {
        String filling = "x".repeat(LONGEST_STRING - 4096);
        Command.Builder command = Command.builder(
                "/bin/sh",
                "-c",
                "echo $(($(printf %s \"$@\" \"$A0$A1$A2$A3$A4$A5$A6\" | wc -c)))",
                "sh",
                filling,
                filling,
                filling,
                filling,
                filling,
                filling,
                filling);
        for (int i = 0; i < 7; i++) {
            command.environment("A" + i, filling);
        }

        SandboxResult result = Sandbox.builder().build().run(command.build());

        assertThat(result.out()).isEqualTo(14 * filling.length() + "\n");
    }

    @Test
    void moreArgumentsThanTheKernelTakesAreAnErrorThatSaysTheLimit() {
        String[] arguments = new String[40];
        java.util.Arrays.fill(arguments, "x".repeat(LONGEST_STRING - 4096));
        arguments[0] = "/bin/true";

        assertThatThrownBy(() -> Sandbox.builder().build().run(arguments))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).contains(Errno.E2BIG))
                .hasMessageContaining("execve")
                .hasMessageContaining("128 KiB");
    }

    @Test
    void anArgumentLongerThanTheKernelTakesIsTheSameError() {
        assertThatThrownBy(() -> Sandbox.builder().build().run("/bin/echo", "x".repeat(LONGEST_STRING)))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).contains(Errno.E2BIG));
    }
}
