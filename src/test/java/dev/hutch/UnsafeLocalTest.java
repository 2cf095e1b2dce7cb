// SPDX-License-Identifier: Apache-2.0
package dev.hutch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.Command;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.spec.SoftStop;
import dev.hutch.spec.Stdio;
import dev.hutch.support.JavaPayload;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsafeLocalTest {
    private final Sandbox box = Sandbox.builder().unsafeLocal().build();

    @TempDir
    Path folder;

    @Test
    void theBareProgramRunsAndNothingIsEnforced() throws Exception {
        SandboxResult result = box.run(Command.builder("sh", "-c", "cat; echo $NAME >&2; exit 3")
                .input("in")
                .environment("NAME", "value")
                .build());

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
        assertThat(result.out()).isEqualTo("in");
        assertThat(result.err()).isEqualTo("value\n");
        assertThat(result.enforced()).isNotEmpty().noneMatch(Enforced::enforced);
    }

    @Test
    void aJavaProgramRunsFromItsOwnFiles() throws Exception {
        assertThat(box.run(Command.java(JavaPayload.class, "look", "a")).out()).endsWith("[a]\n");
    }

    @Test
    void withoutInputThereIsNone() throws Exception {
        assertThat(box.run("cat").succeeded()).isTrue();
        try (SandboxProcess cat =
                box.start(Command.builder("cat").stdin(Stdio.DISCARD).build())) {
            assertThat(cat.waitFor()).isZero();
        }
    }

    @Test
    void theWallTimeIsKeptAndTheOutputBeforeIt() throws Exception {
        SandboxResult result = box.toBuilder()
                .wallTime(Duration.ofMillis(300))
                .build()
                .run("sh", "-c", "echo before; sleep 1000; true");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(result.out()).isEqualTo("before\n");
    }

    @Test
    void atTheEndOfItsTimeItIsAskedFirst() throws Exception {
        Sandbox patient = box.toBuilder()
                .wallTime(Duration.ofSeconds(1))
                .softStop(SoftStop.within(Duration.ofHours(1)))
                .build();
        SandboxResult result = patient.run("sh", "-c", "trap 'echo tidied; exit 3' TERM; while :; do sleep 0.01; done");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(result.out()).isEqualTo("tidied\n");
        assertThatThrownBy(() -> patient.toBuilder()
                        .softStop(new SoftStop(Signal.SIGINT, Duration.ofSeconds(1)))
                        .build()
                        .run("true"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("SIGTERM and SIGKILL");
    }

    @Test
    void whatItStartedEndsWithItThen() throws Exception {
        SandboxResult result = box.toBuilder()
                .wallTime(Duration.ofSeconds(1))
                .softStop(SoftStop.within(Duration.ofHours(1)))
                .build()
                .run(
                        "sh",
                        "-c",
                        "sleep 3600 > /dev/null 2>&1 & echo $!; trap 'exit 3' TERM; while :; do sleep 0.01; done");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        long left = Long.parseLong(result.out().strip());
        ProcessHandle.of(left).ifPresent(child -> child.onExit().join());
        assertThat(ProcessHandle.of(left).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void outputIsBounded() throws Exception {
        SandboxResult result = box.run(Command.builder("head", "-c", "1000000", "/dev/zero")
                .capture(Size.bytes(1000))
                .build());

        assertThat(result.stdout().bytes()).hasSize(1000);
        assertThat(result.stdout().total()).isEqualTo(1_000_000);
    }

    @Test
    void aWorkspaceIsWhereItStarts() throws Exception {
        assertThat(box.toBuilder().workspace(folder).build().run("pwd").out()).isEqualTo(folder.toRealPath() + "\n");
    }

    @Test
    void aMissingProgramIsRefused() {
        assertThatThrownBy(() -> box.run("no-such-program"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("no-such-program");
    }

    @Test
    void aSessionAndExecAreRefused() throws Exception {
        assertThatThrownBy(box::session)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("unsafeLocal");
        try (SandboxProcess cat = box.start("cat")) {
            assertThatThrownBy(() -> cat.exec("true")).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void aProcessIsClosed() throws Exception {
        SandboxProcess cat = box.start("cat");
        cat.close();

        assertThat(cat.isAlive()).isFalse();
        assertThat(cat.result().outcome()).isEqualTo(new Outcome.Exited(137));
    }

    @Test
    void aTerminalIsRefused() {
        Command shell = Command.builder("sh").terminal(80, 24).build();

        assertThatThrownBy(() -> box.run(shell))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("unsafeLocal");
    }
}
