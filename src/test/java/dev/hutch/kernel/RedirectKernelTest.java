// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Stdio;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
            assertThatThrownBy(process::result).isInstanceOf(IOException.class).hasStackTraceContaining("ENOSPC");
        }
    }

    @Test
    void aBuildersInheritedVariablesStayOutside() throws Exception {
        try (SandboxProcess process = sandbox().build().start(new ProcessBuilder("env"))) {
            assertThat(process.inputReader().lines().map(line -> line.replaceAll("=.*", "")))
                    .containsExactlyInAnyOrder("HOME", "USER", "PATH", "LANG");
        }
    }

    @Test
    void aLinkThatAProgramPlantedWhereOutputShallGoLeadsNowhere() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "kept");
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.createDirectory(folder.resolve("place"));
        Sandbox box = sandbox().workspace(work).build();
        output(box, "/bin/sh", "-c", "ln -s " + target + " out; ln -s " + folder.resolve("place") + " sub");

        for (String planted : List.of("out", "sub/out")) {
            Command echo = Command.builder("/bin/echo", "overwritten")
                    .stdout(new Stdio.File(work.resolve(planted), false))
                    .build();
            assertThatThrownBy(() -> box.run(echo))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("symbolic link");
            assertThatThrownBy(() -> box.start(echo)).isInstanceOf(SandboxException.class);
        }
        assertThat(target).hasContent("kept");
        assertThat(folder.resolve("place")).isEmptyDirectory();
    }

    @Test
    void aLinkThatAProgramPlantedWhereInputComesFromIsNotRead() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Path work = Files.createDirectory(folder.resolve("work"));
        Sandbox box = sandbox().workspace(work).build();
        output(box, "/bin/ln", "-s", secret.toString(), "in");

        Command cat = Command.builder("/bin/cat")
                .stdin(new Stdio.File(work.resolve("in"), false))
                .build();
        assertThatThrownBy(() -> box.run(cat))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("symbolic link");
    }

    @Test
    @Timeout(60)
    void aPipeThatAProgramPlantedHoldsUpNobody() throws Exception {
        Path work = Files.createDirectory(folder.resolve("work"));
        Sandbox box = sandbox().workspace(work).build();
        output(box, "/usr/bin/mkfifo", "pipe");
        Stdio.File pipe = new Stdio.File(work.resolve("pipe"), false);

        assertThatThrownBy(() ->
                        box.run(Command.builder("/bin/echo", "x").stdout(pipe).build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("no plain file");
        assertThatThrownBy(() -> box.run(Command.builder("/bin/cat").stdin(pipe).build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("no plain file");
    }

    @Test
    void theCallersOwnLinksAreFollowedAlsoToWhatIsNotThereYet() throws Exception {
        Path log = folder.resolve("log");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("log"));
        for (int i = 0; i < 2; i++) {
            sandbox()
                    .build()
                    .run(Command.builder("/bin/echo", "line")
                            .stdout(new Stdio.File(link, true))
                            .build());
        }
        assertThat(log).hasContent("line\nline");
    }
}
