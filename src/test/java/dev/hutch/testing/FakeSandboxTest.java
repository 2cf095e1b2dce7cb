// SPDX-License-Identifier: Apache-2.0
package dev.hutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxRunner;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.WindowSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FakeSandboxTest {
    @Test
    void aLambdaAnswersAndTheCommandIsKept() throws Exception {
        FakeSandbox fake =
                FakeSandbox.answering(command -> FakeSandbox.exited(3, String.join("+", command.arguments()), "err"));

        var result = fake.sandbox().run("a", "b");

        assertThat(result.out()).isEqualTo("a+b");
        assertThat(result.err()).isEqualTo("err");
        assertThat(result.exitStatus()).isEqualTo(3);
        assertThat(result.enforced()).isEmpty();
        assertThat(fake.commands()).containsExactly(Command.of("a", "b"));
    }

    @Test
    void aStartedProgramHasEndedWithItsAnswer() throws Exception {
        FakeSandbox fake = FakeSandbox.answering(command -> FakeSandbox.exited(0, "out", "err"));
        try (SandboxProcess process = fake.sandbox().start(new ProcessBuilder("x"))) {
            assertThat(process.isAlive()).isFalse();
            assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("out");
            assertThat(process.getErrorStream().readAllBytes()).asString().isEqualTo("err");
            assertThat(process.waitFor()).isZero();
            assertThat(process.onExit().get()).isSameAs(process);
        }
    }

    @Test
    void aReaderIsAskedWithWhatWasWritten() throws Exception {
        FakeSandbox cat = FakeSandbox.reading(
                command -> FakeSandbox.exited(0, new String(command.input(), StandardCharsets.UTF_8)));
        try (SandboxProcess process = cat.sandbox().start("cat")) {
            process.getOutputStream().write("through".getBytes(StandardCharsets.UTF_8));
            assertThat(process.isAlive()).isTrue();
            assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
            process.getOutputStream().close();

            assertThat(process.inputReader().readLine()).isEqualTo("through");
            assertThat(process.exitValue()).isZero();
            assertThatThrownBy(() -> process.getOutputStream().write(1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whoHangsIsDestroyed() throws Exception {
        SandboxProcess process = FakeSandbox.hanging().sandbox().start("x");
        assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();

        process.destroy();
        process.destroyForcibly();

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(process.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void whoHangsIsTimedOut() throws Exception {
        Sandbox box = Sandbox.builder()
                .runner(FakeSandbox.hanging())
                .wallTime(Duration.ofDays(1))
                .build();

        assertThat(box.run("x").outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(box.toBuilder()
                        .wallTime(Duration.ofMillis(1))
                        .build()
                        .start("x")
                        .result()
                        .outcome())
                .isEqualTo(new Outcome.Timeout());
    }

    @Test
    void aRunThatHangsIsInterrupted() throws Exception {
        Sandbox box = FakeSandbox.hanging().sandbox();
        FutureTask<?> run = new FutureTask<>(() -> box.run("x"));
        Thread thread = new Thread(run);
        thread.start();
        thread.interrupt();

        assertThatThrownBy(run::get).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void aRefusalIsThrownByBoth() {
        SandboxException refusal = new SandboxException("execve", "x", null, "no such program");
        Sandbox box = FakeSandbox.refusing(refusal).sandbox();

        assertThatThrownBy(() -> box.run("x")).isSameAs(refusal);
        assertThatThrownBy(() -> box.start("x")).isSameAs(refusal);
    }

    @Test
    void theSeamCanBeMocked() throws Exception {
        SandboxRunner runner = mock(SandboxRunner.class);
        when(runner.run(any(), any())).thenReturn(FakeSandbox.exited(7, ""));

        assertThat(Sandbox.builder().runner(runner).build().run("x").exitStatus())
                .isEqualTo(7);
    }

    @Test
    void callsOfASessionAreAnsweredLikeRunsUntilItIsClosed() throws Exception {
        FakeSandbox fake = FakeSandbox.answering(command -> FakeSandbox.exited(0, "42"));
        SandboxSession session = fake.sandbox().session();
        try (session) {
            assertThat(session.run("x").out()).isEqualTo("42");
            assertThat(session.runAsync("y").get().out()).isEqualTo("42");
            session.start("z").waitFor();
            session.endOthers();
        }

        assertThat(fake.commands()).extracting(Command::toString).containsExactly("x", "y", "z");
        assertThatThrownBy(() -> session.run("x"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void whatNeedsContainersIsRefused() {
        Sandbox box =
                FakeSandbox.answering(command -> FakeSandbox.exited(0, "")).sandbox();

        assertThatThrownBy(() -> box.plan(Command.of("x")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("FakeSandbox");
    }

    @Test
    void aTerminalShowsBothOutputsAndItsWindowIsResized() throws Exception {
        FakeSandbox fake = FakeSandbox.answering(command -> FakeSandbox.exited(0, "shown"));
        Command shell = Command.builder("sh").terminal(80, 24).build();

        try (SandboxProcess process = fake.sandbox().start(shell)) {
            process.resize(100, 30);
            process.getOutputStream().close();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("shown");
        }
        assertThat(fake.commands().get(0).terminal()).contains(new WindowSize(80, 24));
        try (SandboxProcess process = fake.sandbox().start("sh")) {
            assertThatThrownBy(() -> process.resize(100, 30)).isInstanceOf(IllegalStateException.class);
        }
    }
}
