// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hutch.Sandbox;
import dev.hutch.internal.kernel.JniKernel;
import dev.hutch.internal.kernel.Kernel;
import dev.hutch.internal.launch.FaultyContext;
import dev.hutch.internal.launch.FaultyKernel;
import dev.hutch.spec.Command;
import dev.hutch.spec.Errno;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Strace;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches beyond what one message holds: parts of many descriptors, parts that come as memory files. */
@KernelTest(Need.USER_NAMESPACES)
class LargeLaunchFaultTest extends FaultCase {
    private static final int LONGEST_STRING = 128 * 1024;
    private static final String CALLS = "%file,%desc,%process,%creds";

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

    /** Calls of all sorts, by the JVM, the zygote and the child; what the JVM does for itself is the same each time. */
    @Test
    @KernelTest({Need.ROOT, Need.STRACE})
    void whatALaunchAsksOfTheKernelGrowsByTheSameForEachMount() throws Exception {
        int few = Strace.of(CALLS, ManyMounts.class, "500").size();
        int more = Strace.of(CALLS, ManyMounts.class, "1000").size();
        int most = Strace.of(CALLS, ManyMounts.class, "2000").size();

        assertThat(more - few).as("for 500 mounts more").isGreaterThan(500);
        assertThat((most - more) / (double) (more - few))
                .as("for twice as many mounts more")
                .isCloseTo(2, within(0.2));
    }

    /** Binds one file on as many places as it is told. */
    static final class ManyMounts {
        private ManyMounts() {}

        public static void main(String[] arguments) throws Exception {
            Sandbox.Builder box = Sandbox.builder();
            for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
                box.bindReadOnly(Path.of("/etc/passwd"), Path.of("/many/" + i));
            }
            box.build().run("/bin/true").orThrow();
        }
    }

    /** Whoever holds a memory file that isn't sealed could shrink it under the child that reads it. */
    @Test
    void shrunk_buffer_aPlanThatCouldShrinkIsRefused() throws Exception {
        FaultyKernel kernel = new FaultyKernel();
        try (FaultyContext context = new FaultyContext(kernel)) {
            gone(context.launch(Sandbox.builder().build().spec(), "/bin/echo", "x".repeat(LONGEST_STRING - 4096)));
            kernel.leaveUnsealed();
            assertThatThrownBy(() -> context.launch(
                            Sandbox.builder().build().spec(), "/bin/echo", "x".repeat(LONGEST_STRING - 4096)))
                    .isInstanceOfSatisfying(
                            SandboxException.class, e -> assertThat(e.errno()).contains(Errno.EPERM))
                    .hasMessageContaining("receive the plan");
        }
    }

    @Test
    void shrunk_buffer_aMemoryFileCannotShrink() throws Exception {
        Kernel kernel = JniKernel.load();
        int fd = kernel.sealedMemory("shrink", ByteBuffer.allocateDirect(4096), false);
        try (RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw")) {
            assertThatThrownBy(() -> file.setLength(0)).hasMessageContaining("not permitted");
            assertThatThrownBy(() -> file.write(1)).hasMessageContaining("not permitted");
        } finally {
            kernel.close(fd);
        }
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
