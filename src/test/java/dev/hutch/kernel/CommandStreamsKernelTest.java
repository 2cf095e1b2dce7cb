// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxPool;
import dev.hutch.spec.Command;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.OutcomeException;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.spec.Stdio;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command says of its streams. That no container, thread or descriptor stays is checked after each. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class CommandStreamsKernelTest extends SandboxCase {
    private static SandboxResult run(Command.Builder command) throws Exception {
        return sandbox().build().run(command.build());
    }

    /** Also from a pool, whose containers know nothing of it. */
    @Test
    void theShorterOfTwoWallTimesCounts() throws Exception {
        Sandbox box = sandbox().wallTime(Duration.ofSeconds(30)).build();
        Command own = Command.builder(List.of("sleep", "60"))
                .wallTime(Duration.ofMillis(50))
                .build();
        try (SandboxPool pool = SandboxPool.builder(box).minimum(1).build()) {
            assertThat(pool.run(own).inWords()).isEqualTo("killed after 0.05 s of wall time");
        }
        assertThat(box.run(own).outcome()).isEqualTo(new Outcome.Timeout());

        Sandbox sooner = box.toBuilder().wallTime(Duration.ofMillis(60)).build();
        Command later = own.toBuilder().wallTime(Duration.ofHours(1)).build();
        assertThat(sooner.run(later).inWords()).isEqualTo("killed after 0.06 s of wall time");
    }

    @Test
    void inputComesFromText() throws Exception {
        assertThat(run(Command.builder("cat").input("zwölf")).out()).isEqualTo("zwölf");
    }

    @Test
    void inputComesFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("in"), "from a file");

        assertThat(run(Command.builder("cat").input("before").input(file)).out())
                .isEqualTo("from a file");
    }

    @Test
    void theLastInputCounts(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("in"), "from a file");

        assertThat(run(Command.builder("cat").input(file).input("last")).out()).isEqualTo("last");
    }

    /** More than the pipes hold, both ways at once. */
    @Test
    void inputComesFromAStream() throws Exception {
        byte[] bytes = new byte[3_000_001];
        new Random(9).nextBytes(bytes);

        SandboxResult result = run(Command.builder("cat").input(new ByteArrayInputStream(bytes)));

        assertThat(result.stdout().bytes()).isEqualTo(bytes);
    }

    @Test
    void aProgramThatDoesNotReadIsNotWaitedFor() throws Exception {
        try (PipedOutputStream silent = new PipedOutputStream();
                InputStream never = new PipedInputStream(silent)) {
            assertThat(run(Command.builder("true").input(never)).succeeded()).isTrue();
        }
    }

    @Test
    void anEndlessStreamEndsWithTheProgram() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };

        assertThat(run(Command.builder("head", "-c", "5").input(endless)).out()).isEqualTo("xxxxx");
    }

    @Test
    void aStreamThatFailsFailsTheRun() {
        IOException broken = new IOException("broken");
        InputStream failing = new InputStream() {
            private int left = 3;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw broken;
                }
                return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                into[offset] = (byte) read();
                return 1;
            }
        };

        assertThatThrownBy(() -> run(Command.builder("cat").input(failing)))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("standard input")
                .cause()
                .isSameAs(broken);
    }

    /** One pipe for both: with two, the order between them would be lost. */
    @Test
    void mergedErrorComesInTrueOrder() throws Exception {
        String script = "i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            expected.append("o").append(i).append("\ne").append(i).append('\n');
        }

        SandboxResult result = run(Command.shell(script).toBuilder().mergeError(true));

        assertThat(result.out()).isEqualTo(expected.toString());
        assertThat(result.stderr().total()).isZero();
    }

    @Test
    void aShellLineIsAPipeline() throws Exception {
        assertThat(sandbox()
                        .build()
                        .run(Command.shell("printf 'b\\na\\n' | sort"))
                        .out())
                .isEqualTo("a\nb\n");
    }

    @Test
    void eachLineIsToldAndCaptured() throws Exception {
        List<String> out = new ArrayList<>();
        List<String> err = new ArrayList<>();

        SandboxResult result = run(Command.shell("echo one; echo; printf two; echo bad >&2").toBuilder()
                .onStdoutLine(out::add)
                .onStderrLine(err::add));

        assertThat(out).containsExactly("one", "", "two");
        assertThat(err).containsExactly("bad");
        assertThat(result.out()).isEqualTo("one\n\ntwo");
    }

    /** The program waits for the answer that the listener gives: a line that waited for a full buffer would hang it. */
    @Test
    void aLineIsToldWhileTheProgramRuns() throws Exception {
        try (PipedOutputStream answer = new PipedOutputStream();
                InputStream input = new PipedInputStream(answer)) {
            SandboxResult result = run(Command.shell("echo ready; read word; echo got $word").toBuilder()
                    .input(input)
                    .onStdoutLine(line -> {
                        if (line.equals("ready")) {
                            reply(answer);
                        }
                    }));

            assertThat(result.out()).isEqualTo("ready\ngot it\n");
        }
    }

    private static void reply(PipedOutputStream answer) {
        try {
            answer.write("it\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            answer.flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void linesOfOutputThatIsDroppedAreToldToo() throws Exception {
        List<String> out = new ArrayList<>();

        SandboxResult result =
                run(Command.builder("echo", "one").stdout(Stdio.DISCARD).onStdoutLine(out::add));

        assertThat(out).containsExactly("one");
        assertThat(result.stdout().bytes()).isEmpty();
    }

    @Test
    void aListenerThatThrowsEndsTheSandbox() {
        IllegalStateException refusal = new IllegalStateException("enough");

        assertThatThrownBy(() -> run(
                        Command.shell("while :; do echo x; done").toBuilder().onStdoutLine(line -> {
                            throw refusal;
                        })))
                .isSameAs(refusal);
    }

    @Test
    void aListenerWhoseAssertionFailsEndsTheSandboxToo() {
        AssertionError failed = new AssertionError("not this line");

        assertThatThrownBy(() ->
                        run(Command.shell("echo x; exec sleep 600").toBuilder().onStdoutLine(line -> {
                            throw failed;
                        })))
                .isSameAs(failed);
    }

    @Test
    void aFloodWithoutLineEndsReachesTheListenerInPieces() throws Exception {
        List<Integer> lengths = new ArrayList<>();

        run(Command.shell("head -c 1000000 /dev/zero | tr '\\0' x").toBuilder()
                .capture(Size.kibibytes(1))
                .onStdoutLine(piece -> lengths.add(piece.length())));

        assertThat(lengths).hasSizeGreaterThan(1).allMatch(length -> length <= 65_536);
        assertThat(lengths.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1_000_000);
    }

    @Test
    void startGivesStreamsAndTakesNoListeners() {
        Command told = Command.builder("true").onStdoutLine(line -> {}).build();

        assertThatThrownBy(() -> sandbox().build().start(told).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("listeners");
    }

    @Test
    void listenersContradictAMergedStream() {
        assertThatThrownBy(() -> Command.builder("true")
                        .mergeError(true)
                        .onStderrLine(line -> {})
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("onStdoutLine");
    }

    @Test
    void anUnexpectedEndSaysWhatTheProgramSaid() throws Exception {
        SandboxResult result = run(Command.shell("echo no such module >&2; exit 3").toBuilder());

        assertThat(result.orThrow(0, 3)).isSameAs(result);
        assertThatThrownBy(result::orThrow)
                .isInstanceOf(OutcomeException.class)
                .hasMessage("exit code 3, expected 0; standard error:\nno such module");
    }
}
