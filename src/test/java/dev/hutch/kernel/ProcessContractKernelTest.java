// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What code that was written for {@link Process} relies on, of the JDK's processes and of ours alike. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class ProcessContractKernelTest extends SandboxCase {
    enum Way {
        BARE {
            @Override
            Process start(ProcessBuilder builder) throws IOException {
                return builder.start();
            }
        },
        LOCAL {
            @Override
            Process start(ProcessBuilder builder) throws IOException {
                return Sandbox.builder().unsafeLocal().build().start(builder);
            }
        },
        SANDBOX {
            @Override
            Process start(ProcessBuilder builder) throws IOException {
                return sandbox().build().start(builder);
            }
        };

        abstract Process start(ProcessBuilder builder) throws IOException;

        Process shell(String line) throws IOException {
            return start(new ProcessBuilder("/bin/sh", "-c", line));
        }
    }

    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void end() throws InterruptedException {
        if (process instanceof AutoCloseable) {
            ((SandboxProcess) process).close();
        } else if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @EnumSource
    void exitCodesArriveUnchanged(Way way) throws Exception {
        process = way.shell("exit 137");

        assertThat(process.waitFor()).isEqualTo(137);
        assertThat(process.exitValue()).isEqualTo(137);
        assertThat(process.isAlive()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void anEndIsNotToldBeforeItComes(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));

        assertThat(process.isAlive()).isTrue();
        assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
        assertThat(process.waitFor(0, TimeUnit.SECONDS)).isFalse();
        assertThat(process.waitFor(-1, TimeUnit.SECONDS)).isFalse();
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(process.onExit().isDone()).isFalse();

        process.getOutputStream().close();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.waitFor(0, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void destroyAsksAndAProgramMayAnswer(Way way) throws Exception {
        process = way.shell("trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.02; done");
        BufferedReader reader = process.inputReader();
        assertThat(reader.readLine()).isEqualTo("ready");

        assertThat(process.supportsNormalTermination()).isTrue();
        assertThat(process.toHandle().destroy()).isTrue();

        assertThat(process.waitFor()).isEqualTo(3);
        assertThat(reader.readLine()).isEqualTo("asked");
    }

    @ParameterizedTest
    @EnumSource
    void destroyIsSigtermAndDestroyForciblySigkill(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));
        process.destroy();
        assertThat(process.waitFor()).isEqualTo(128 + 15);
        end();

        process = way.start(new ProcessBuilder("cat"));
        assertThat(process.destroyForcibly()).isSameAs(process);
        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    @ParameterizedTest
    @EnumSource
    void whoHasEndedIsDestroyedWithoutComplaint(Way way) throws Exception {
        process = way.shell("exit 5");
        process.waitFor();

        process.destroy();
        process.destroyForcibly();

        assertThat(process.waitFor()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    void onExitCompletesWithTheProcess(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));
        var codes = process.onExit().thenApply(Process::exitValue);
        process.getOutputStream().close();

        assertThat(process.onExit().get()).isSameAs(process);
        assertThat(codes.get()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theHandleIsThatOfTheProgram(Way way) throws Exception {
        process = way.start(new ProcessBuilder("/bin/cat"));

        assertThat(process.pid()).isPositive();
        assertThat(process.toHandle().pid()).isEqualTo(process.pid());
        assertThat(process.toHandle().isAlive()).isTrue();
        assertThat(process.toHandle()).isEqualTo(process.toHandle());
        assertThat(process.info().command())
                .hasValueSatisfying(path -> assertThat(path).endsWith("/cat"));
        assertThat(process.children()).isEmpty();

        process.getOutputStream().close();
        process.waitFor();
        assertThat(process.pid()).isPositive();
        assertThat(process.toHandle().isAlive()).isFalse();
        assertThat(process.toHandle().pid()).isEqualTo(process.pid());
        assertThat(process.info().command()).isEmpty();
        assertThat(process.descendants()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheWaitAndNotTheProcess(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));
        FutureTask<Integer> wait = new FutureTask<>(process::waitFor);
        Thread waiter = new Thread(wait);
        waiter.start();
        waiter.interrupt();

        assertThatThrownBy(wait::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(process.isAlive()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsReadAfterTheEnd(Way way) throws Exception {
        process = way.shell("echo out; echo err >&2");
        process.waitFor();

        assertThat(text(process.getInputStream())).isEqualTo("out\n");
        assertThat(process.errorReader().readLine()).isEqualTo("err");
        assertThat(process.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void writingToOneThatHasEndedFails(Way way) throws Exception {
        process = way.shell("exit 0");
        process.waitFor();

        assertThatThrownBy(() -> {
                    process.getOutputStream().write(1);
                    process.getOutputStream().flush();
                })
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aClosedStreamIsReadNoMore(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));
        process.getInputStream().close();
        process.getInputStream().close();

        assertThatThrownBy(() -> process.getInputStream().read()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void readersAndWritersUseTheCharset(Way way) throws Exception {
        process = way.start(new ProcessBuilder("cat"));
        try (Writer writer = process.outputWriter(StandardCharsets.UTF_8)) {
            writer.write("grüße\n");
        }

        assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("grüße");
        assertThatThrownBy(() -> process.inputReader(StandardCharsets.UTF_16))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource
    void filesAreWrittenWhole(Way way) throws Exception {
        Path out = Files.writeString(folder.resolve("out"), "what was there before");
        Path err = Files.writeString(folder.resolve("err"), "before\n");
        process = way.start(new ProcessBuilder("/bin/sh", "-c", "echo out; echo err >&2")
                .redirectOutput(out.toFile())
                .redirectError(Redirect.appendTo(err.toFile())));

        assertThat(process.waitFor()).isZero();
        assertThat(out).hasContent("out\n");
        assertThat(err).hasContent("before\nerr\n");
        assertThat(process.getInputStream().read()).isEqualTo(-1);
        assertThat(process.getErrorStream().available()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void inputComesFromAFile(Way way) throws Exception {
        Path in = Files.writeString(folder.resolve("in"), "from a file");
        process = way.start(new ProcessBuilder("cat").redirectInput(in.toFile()));

        assertThat(text(process.getInputStream())).isEqualTo("from a file");
        assertThatThrownBy(() -> process.getOutputStream().write(1)).isInstanceOf(IOException.class);
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void errorsAreMergedInTrueOrder(Way way) throws Exception {
        process =
                way.start(new ProcessBuilder("/bin/sh", "-c", "echo 1; echo 2 >&2; echo 3").redirectErrorStream(true));

        assertThat(text(process.getInputStream())).isEqualTo("1\n2\n3\n");
        assertThat(process.getErrorStream().read()).isEqualTo(-1);
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void mergedErrorsGoToTheFileToo(Way way) throws Exception {
        Path out = folder.resolve("both");
        process = way.start(new ProcessBuilder("/bin/sh", "-c", "echo 1; echo 2 >&2; echo 3")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile()));

        assertThat(process.waitFor()).isZero();
        assertThat(out).hasContent("1\n2\n3\n");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDiscardedHoldsNobodyUp(Way way) throws Exception {
        process = way.start(new ProcessBuilder("/bin/sh", "-c", "head -c 1000000 /dev/zero; echo done >&2")
                .redirectOutput(Redirect.DISCARD));

        assertThat(text(process.getErrorStream())).isEqualTo("done\n");
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void inheritedStreamsLeaveNoneHere(Way way) throws Exception {
        process = way.start(new ProcessBuilder("true").inheritIO());

        assertThat(process.getInputStream().read()).isEqualTo(-1);
        assertThat(process.getErrorStream().read()).isEqualTo(-1);
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theDirectoryIsWhereItStarts(Way way) throws Exception {
        process = way.start(new ProcessBuilder("pwd").directory(new File("/usr/bin")));

        assertThat(text(process.getInputStream())).isEqualTo("/usr/bin\n");
    }

    @ParameterizedTest
    @EnumSource
    void variablesThatWereSetCross(Way way) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "echo $GREETING");
        builder.environment().put("GREETING", "hello");
        process = way.start(builder);

        assertThat(text(process.getInputStream())).isEqualTo("hello\n");
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotStartIsAnIoException(Way way) {
        assertThatThrownBy(() -> way.start(new ProcessBuilder("no-such-program")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-program");
        assertThatThrownBy(() -> way.start(new ProcessBuilder("true").directory(new File("/no/such/folder"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/folder");
        assertThatThrownBy(() -> way.start(new ProcessBuilder("true").redirectOutput(new File("/no/such/folder/file"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/folder/file");
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
}
