// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command line at a terminal, which a Python program plays. */
@KernelTest({Need.USER_NAMESPACES, Need.PYTHON})
class CliTerminalKernelTest extends CliCase {
    private static final Path PLAYER =
            Path.of("src/test/resources/programs/at_terminal.py").toAbsolutePath();

    private String play(List<String> command, String... steps) throws Exception {
        List<String> all = new ArrayList<>(List.of("/usr/bin/python3", PLAYER.toString()));
        all.addAll(command);
        Answer answer = answer(all, String.join("\n", steps) + "\n");
        assertThat(answer.err()).isEmpty();
        return answer.out();
    }

    @Test
    void terminalOfTheCallersNeverCrosses() throws Exception {
        String shown =
                play(run("sh", "-c", "for i in 0 1 2; do readlink /proc/self/fd/$i; test -t $i && echo no; done; cat"));
        assertThat(shown).contains("/dev/null", "pipe:[", "status 0").doesNotContain("no\n", "pts");
    }

    @Test
    void whatIsTypedIsPumpedWhereInteractive() throws Exception {
        String shown = play(
                run("-i", "sh", "-c", "readlink /proc/self/fd/0; cat"),
                "expect pipe:[",
                "send hello\\n",
                "expect hello\r",
                "send \\x04");
        assertThat(shown).contains("status 0");
    }

    @Test
    void terminalOfTheProgramsOwnFollowsTheWindow() throws Exception {
        String shown = play(
                run("-it", "sh"),
                "expect $ ",
                "send stty size\\n",
                "expect 40 100",
                "size 50 120",
                "send sleep 0.5; stty size\\n",
                "expect 50 120",
                "send exit 7\\n");
        assertThat(shown).contains("status 7");
    }

    @Test
    void jobControlWorksInside() throws Exception {
        // What a program prints is waited for, not the echo: a control character throws away what was typed before it.
        String job = "sh -c 'echo up$((1+1)) $0; exec sleep 100'";
        String shown = play(
                run("-t", "sh", "-m"),
                "expect $ ",
                "send " + job + " first\\n",
                "expect up2 first",
                "send \\x1a",
                "expect Stopped",
                "send kill %1; fg; echo resumed$((1+1))\\n",
                "expect resumed2",
                "send " + job + " second\\n",
                "expect up2 second",
                "send \\x03",
                "send exit 5\\n");
        assertThat(shown).contains("status 5");
    }

    @Test
    void terminalIsRestoredAfterTheEndHoweverThatCame() throws Exception {
        List<String> shell =
                new ArrayList<>(List.of("/bin/sh", "-c", "\"$@\"; echo left $?; sleep 1; read word", "sh"));
        shell.addAll(run("-it", "--timeout", "2", "sh", "-c", "echo in; sleep 100"));
        String shown = play(shell, "expect in", "settings", "expect left 124", "settings", "send x\\n");
        assertThat(shown).containsSubsequence("raw\n", "left 124", "echo\n");
    }

    @Test
    void interruptAtTheTerminalEndsTheProgram() throws Exception {
        String shown = play(run("sh", "-c", "echo in; exec sleep 100"), "expect in", "send \\x03");
        assertThat(shown).contains("status 130");
    }
}
