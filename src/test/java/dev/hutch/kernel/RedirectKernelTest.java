// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Stdio;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Standard streams of a started process that go elsewhere: still through our pipes, counted and limited. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class RedirectKernelTest extends SandboxCase {
    @TempDir
    Path folder;

    @Test
    void aFileIsLimitedAsAPipeIs() throws Exception {
        Path out = folder.resolve("out");
        Command flood = Command.builder(PROBE, "flood")
                .stdout(new Stdio.File(out, false))
                .build();
        try (SandboxProcess process =
                probed().outputLimit(Size.bytes(100_000)).build().start(flood)) {
            SandboxResult result = process.result();

            assertThat(result.outcome()).isInstanceOf(Outcome.OutputLimit.class);
            assertThat(Files.size(out)).isEqualTo(100_000);
            assertThat(result.stdout().total()).isGreaterThan(100_000);
        }
    }

    @Test
    void aPipeOfAStartedProcessIsLimitedToo() throws Exception {
        try (SandboxProcess process =
                probed().outputLimit(Size.bytes(100_000)).build().start(PROBE, "flood")) {
            assertThat(process.getInputStream().readAllBytes()).hasSize(100_000);
            assertThat(process.result().outcome()).isInstanceOf(Outcome.OutputLimit.class);
        }
    }

    @Test
    void pipeAndFileCountAgainstOneLimit() throws Exception {
        Command both = Command.builder("/bin/sh", "-c", "head -c 600 /dev/zero; head -c 600 /dev/zero >&2; cat")
                .stderr(Stdio.DISCARD)
                .build();
        try (SandboxProcess process =
                sandbox().outputLimit(Size.bytes(1000)).build().start(both)) {
            process.getInputStream().readAllBytes();
            assertThat(process.result().outcome()).isInstanceOf(Outcome.OutputLimit.class);
        }
    }

    @Test
    void theResultTellsHowMuchWentWhere() throws Exception {
        Command both = Command.builder("/bin/sh", "-c", "echo four; echo seven. >&2")
                .stderr(Stdio.DISCARD)
                .build();
        try (SandboxProcess process = sandbox().build().start(both)) {
            process.getInputStream().readAllBytes();
            assertThat(process.result().stdout().total()).isEqualTo(5);
            assertThat(process.result().stderr().total()).isEqualTo(7);
        }
    }

    @Test
    void inputAtHandIsFed() throws Exception {
        Command cat = Command.builder("cat").input("at hand").build();
        try (SandboxProcess process = sandbox().build().start(cat)) {
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("at hand");
            assertThatThrownBy(() -> process.getOutputStream().write(1)).hasMessage("Stream closed");
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void outputThatNobodyCanTakeEndsTheContainerAndIsTold() throws Exception {
        Command flood = Command.builder(PROBE, "flood")
                .stdout(new Stdio.File(Path.of("/dev/full"), true))
                .build();
        try (SandboxProcess process = probed().build().start(flood)) {
            assertThatThrownBy(process::result)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasStackTraceContaining("ENOSPC");
        }
    }

    @Test
    void aBuildersInheritedVariablesStayOutside() throws Exception {
        try (SandboxProcess process = sandbox().build().start(new ProcessBuilder("env"))) {
            assertThat(process.inputReader().lines().map(line -> line.replaceAll("=.*", "")))
                    .containsExactlyInAnyOrder("HOME", "USER", "PATH", "LANG");
        }
    }
}
