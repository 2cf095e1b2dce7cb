// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running sandbox from the caller's side: interrupted, closed while it is read, forgotten, or silenced. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
@Timeout(120)
class ProcessFaultTest extends FaultCase {
    private static final String PROBE = Inside.DESTINATION.toString();

    private static Sandbox.Builder probed() {
        return Sandbox.builder().mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
    }

    private interface Failing {
        Object run() throws Exception;
    }

    private static CompletableFuture<Object> inBackground(CompletableFuture<Thread> runner, Failing work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> {
                    Thread thread = new Thread(task, "under test");
                    runner.complete(thread);
                    thread.start();
                });
    }

    @Test
    void anInterruptedRunEndsItsSandboxAndThenSaysSo() throws Exception {
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Thread> runner = new CompletableFuture<>();
            CompletableFuture<Object> run =
                    inBackground(runner, () -> Sandbox.builder().build().run("/bin/sleep", "1000"));
            Thread.sleep(2L * i);
            runner.get().interrupt();

            assertThatThrownBy(run::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void anInterruptedWaitLeavesTheSandboxRunning() throws Exception {
        try (SandboxProcess process = Sandbox.builder().build().start("/bin/sleep", "1000")) {
            CompletableFuture<Thread> runner = new CompletableFuture<>();
            CompletableFuture<Object> wait = inBackground(runner, process::waitFor);
            runner.get().interrupt();

            assertThatThrownBy(wait::get).hasRootCauseInstanceOf(InterruptedException.class);
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void closingAStreamEndsAReadOfItAndTheProgramGoesOn() throws Exception {
        try (SandboxProcess process = Sandbox.builder().build().start("/bin/cat")) {
            InputStream out = process.getInputStream();
            CountDownLatch reading = new CountDownLatch(1);
            CompletableFuture<Object> read = inBackground(new CompletableFuture<>(), () -> {
                reading.countDown();
                return out.read();
            });
            reading.await();

            out.close();

            assertThatThrownBy(read::get).hasRootCauseInstanceOf(IOException.class);
            assertThat(process.isAlive()).isTrue();
        }
    }

    @Test
    void closingAProcessWhileItsStreamsAreReadAndWrittenHangsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            SandboxProcess process = Sandbox.builder().build().start("/bin/sh", "-c", "while :; do echo yes; done");
            CompletableFuture<Object> reader = inBackground(
                    new CompletableFuture<>(), () -> process.getInputStream().readAllBytes());
            CompletableFuture<Object> writer = inBackground(new CompletableFuture<>(), () -> {
                while (true) {
                    process.getOutputStream().write(new byte[4096]);
                }
            });
            Thread.sleep(i);
            process.close();
            process.close();

            assertThatThrownBy(writer::get).hasRootCauseInstanceOf(IOException.class);
            reader.exceptionally(ended -> null).get();
        }
    }

    @Test
    void aForgottenProcessGivesItsDescriptorsBackOnceItHasEnded() throws Exception {
        for (int i = 0; i < 50; i++) {
            Sandbox.builder().build().start("/bin/echo", "nobody reads this");
        }
        nothingStaysBehindOnceCollected();
    }

    @Test
    void whoeverWaitsForTheEndOfOneSandboxKeepsNoOtherWaiting() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Sandbox box = probed().build();
        CompletableFuture<Void> blocked;
        // It ends when its input does: after what waits for its end was registered, which would run here otherwise.
        try (SandboxProcess process = box.start("/bin/cat")) {
            blocked = process.onExit().thenAccept(ended -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            process.getOutputStream().close();
            process.waitFor();
        }

        assertThat(box.run(PROBE, "exit", "2").outcome()).isEqualTo(new Outcome.Exited(2));
        release.countDown();
        blocked.get();
    }

    /** A filter of the caller's that forbids every message: the failed execve is known all the same. */
    @Test
    void aProgramThatIsMissingIsToldThoughAFilterForbidsToSayIt(@TempDir Path folder) throws Exception {
        Path profile = Files.writeString(
                folder.resolve("mute.json"),
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_AARCH64\"],"
                        + " \"syscalls\": [{\"names\": [\"sendmsg\", \"sendto\", \"write\"], \"action\": \"SCMP_ACT_ERRNO\"}]}");
        Sandbox box = probed().seccomp(new SeccompProfile.File(profile)).build();

        assertThatThrownBy(() -> box.run("/no/such/program"))
                .isInstanceOfSatisfying(
                        SandboxException.class, e -> assertThat(e.errno()).contains(Errno.ENOENT))
                .hasMessageContaining("execve");
        try (SandboxProcess process = box.start("/no/such/program")) {
            assertThatThrownBy(process::waitFor).hasMessageContaining("execve");
        }
        assertThat(box.run(PROBE, "exit", "4").outcome()).isEqualTo(new Outcome.Exited(4));
    }

    @Test
    void aProgramThatClosesItsOutputsStillGetsItsInput() throws Exception {
        SandboxResult result = Sandbox.builder()
                .build()
                .run(dev.hutch.spec.Command.builder(
                                "/bin/sh", "-c", "exec >&- 2>&-; test $(wc -c </dev/stdin) = 1000000 && exit 6")
                        .input("z".repeat(1_000_000))
                        .build());

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(6));
    }

    @Test
    void outputOfAProgramThatEndedBeforeAnybodyReadIsNotLost() throws Exception {
        try (SandboxProcess process = Sandbox.builder().build().start("/bin/echo", "early")) {
            process.waitFor();

            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("early\n");
        }
    }
}
