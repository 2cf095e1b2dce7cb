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
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A pseudo-terminal as a pair of streams; what is waited for is what programs print, not what the terminal echoes. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class TerminalKernelTest extends SandboxCase {
    @Test
    void theThreeStreamsAreATerminalOfTheGivenSize() throws Exception {
        SandboxResult result = sandbox()
                .build()
                .run(terminal(
                        "for i in 0 1 2; do test -t $i && echo tty $i; done; stty size; echo $TERM; echo err >&2"));

        assertThat(result.out()).isEqualTo("tty 0\r\ntty 1\r\ntty 2\r\n24 80\r\nxterm\r\nerr\r\n");
        assertThat(result.err()).isEmpty();
        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
    }

    @Test
    void aResizeIsHeardOfAndSeen() throws Exception {
        String script = "trap 'stty size; exit 3' WINCH; echo ready; while :; do read line; done";
        try (SandboxProcess shell = sandbox().build().start(terminal(script))) {
            await(shell, "ready\r\n");
            shell.resize(132, 50);
            assertThat(await(shell, "50 132\r\n")).isNotNull();
            assertThat(shell.waitFor()).isEqualTo(3);
            shell.resize(80, 24);
        }
    }

    @Test
    void whatIsTypedIsEchoedAndReadInLines() throws Exception {
        try (SandboxProcess shell = sandbox().build().start(terminal("echo ready; read line; echo \"<$line>\""))) {
            await(shell, "ready\r\n");
            type(shell, "wrong\177\177\177\177\177right\n");
            assertThat(rest(shell)).contains("wrong").endsWith("<right>\r\n");
        }
    }

    @Test
    void everyByteCrossesWhereTheProgramWantsItRaw() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        String script = "stty raw -echo; echo ready; head -c 256 | od -An -v -tu1 | tr -s ' \\n' '  '";
        try (SandboxProcess shell = sandbox().build().start(terminal(script))) {
            await(shell, "ready\n");
            shell.getOutputStream().write(all);
            StringBuilder expected = new StringBuilder(" ");
            for (int i = 0; i < all.length; i++) {
                expected.append(i).append(' ');
            }
            assertThat(rest(shell)).isEqualTo(expected.toString());
        }
    }

    @Test
    void theEndOfInputIsTypedAlsoWithinALine() throws Exception {
        for (String input : new String[] {"", "line\n", "no end"}) {
            try (SandboxProcess wc = sandbox().build().start(terminal("stty -echo; echo ready; wc -c"))) {
                await(wc, "ready\r\n");
                type(wc, input);
                wc.getOutputStream().close();
                assertThat(rest(wc)).isEqualTo(input.length() + "\r\n");
                assertThat(wc.waitFor()).isZero();
                assertThatThrownBy(() -> type(wc, "more")).hasMessage("Stream closed");
            }
        }
    }

    @Test
    void runTypesItsInputAndTheEnd() throws Exception {
        Command wc =
                terminal("stty -echo; wc -lc").toBuilder().input("two\nlines").build();
        assertThat(sandbox().build().run(wc).out().strip().split("\\s+")).endsWith("1", "9");
    }

    @Test
    void theProgramsEndIsTheEndOfItsOutputNotAnError() throws Exception {
        try (SandboxProcess shell = sandbox().build().start(terminal("seq 1 20000"))) {
            String shown = rest(shell);
            assertThat(shown).startsWith("1\r\n2\r\n").endsWith("\r\n20000\r\n");
            assertThat(shell.getInputStream().read()).isEqualTo(-1);
            assertThat(shell.getErrorStream().read()).isEqualTo(-1);
            assertThat(shell.result().stdout().total()).isEqualTo(shown.length());
        }
    }

    @Test
    void theInterruptKeyReachesTheForegroundJobAndTheShellLives() throws Exception {
        Command shell = Command.builder("/bin/sh", "-m").terminal(80, 24).build();
        try (SandboxProcess process = sandbox().build().start(shell)) {
            type(
                    process,
                    "sh -c 'trap \"echo caught; exit 9\" INT; echo up$((1+1)); while :; do sleep 0.01; done'; echo status$?\n");
            await(process, "up2\r\n");
            type(process, "\003");
            await(process, "caught\r\n");
            await(process, "status9\r\n");
            type(process, "sh -c 'echo up$((2+2)); exec sleep 600'\n");
            await(process, "up4\r\n");
            type(process, "\032");
            await(process, "Stopped");
            type(process, "kill %1; fg; exit 5\n");
            assertThat(process.waitFor()).isEqualTo(5);
        }
    }

    @Test
    void itIsTheControllingTerminalOfASessionOfItsOwn() throws Exception {
        String script = "read pid comm state ppid pgrp session tty tpgid rest < /proc/self/stat;"
                + " echo $$ $session $tpgid; echo device $tty; echo tty > /dev/tty; ls /dev/pts";
        SandboxResult result = sandbox().build().run(terminal(script));

        String[] lines = result.out().split("\r\n");
        String[] ids = lines[0].split(" ");
        assertThat(ids[1]).as("session").isEqualTo(ids[0]);
        assertThat(ids[2]).as("foreground").isEqualTo(ids[0]);
        assertThat(lines[1]).isNotEqualTo("device 0");
        assertThat(lines[2]).as("written to /dev/tty").isEqualTo("tty");
        assertThat(lines)
                .as("no terminal of the host's has a name inside")
                .endsWith("ptmx")
                .hasSize(4);
    }

    @Test
    void cve_2017_5226_nothingIsTypedFromInside() throws Exception {
        Command perl = Command.builder("perl", "-e", "my $c='x'; print ioctl(STDIN, 0x5412, $c) ? 'typed' : 'refused'")
                .terminal(80, 24)
                .build();
        assertThat(sandbox().build().run(perl).out()).isEqualTo("refused");
    }

    @Test
    void outputIsCountedAgainstItsLimit() throws Exception {
        Sandbox box = sandbox().outputLimit(Size.kibibytes(64)).build();
        assertThat(box.run(terminal("yes")).outcome()).isInstanceOf(Outcome.OutputLimit.class);
        try (SandboxProcess process = box.start(terminal("yes"))) {
            assertThat(rest(process)).hasSize(64 << 10);
            assertThat(process.result().outcome()).isInstanceOf(Outcome.OutputLimit.class);
        }
    }

    @Test
    void aProgramLeftBehindDoesNotHoldTheOutputOpen() throws Exception {
        try (SandboxProcess process = sandbox().build().start(terminal("sleep 600 & echo started"))) {
            assertThat(rest(process)).isEqualTo("started\r\n");
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void aSecondCommandInTheContainerHasATerminalOfItsOwn() throws Exception {
        String device = "read pid comm state ppid pgrp session tty rest < /proc/self/stat; echo ready $tty; read line";
        try (SandboxProcess first = sandbox().build().start(terminal(device));
                SandboxProcess second = first.exec(terminal(device))) {
            String one = await(first, "\r\n");
            assertThat(await(second, "\r\n")).startsWith("ready ").isNotEqualTo(one);
            second.getOutputStream().close();
            assertThat(second.waitFor()).as("read's, at the end of input").isEqualTo(1);
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void aProcessWithoutATerminalHasNoWindow() throws Exception {
        try (SandboxProcess process = sandbox().build().start("cat")) {
            assertThatThrownBy(() -> process.resize(80, 24))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Command.Builder.terminal");
        }
        SandboxProcess closed = sandbox().build().start(terminal("cat"));
        closed.close();
        assertThatThrownBy(() -> closed.resize(80, 24))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("closed");
    }

    private static Command terminal(String script) {
        return Command.shell(script).toBuilder().terminal(80, 24).build();
    }

    private static void type(SandboxProcess process, String text) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String rest(SandboxProcess process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Reads until the terminal has shown the text. */
    private static String await(SandboxProcess process, String text) throws IOException {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        while (!shown.toString(StandardCharsets.UTF_8).endsWith(text)) {
            int next = process.getInputStream().read();
            assertThat(next).as("the end instead of %s after %s", text, shown).isNotEqualTo(-1);
            shown.write(next);
        }
        return shown.toString(StandardCharsets.UTF_8);
    }
}
