// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that the command line gets are the program's. */
@KernelTest(Need.USER_NAMESPACES)
class CliSignalKernelTest extends CliCase {
    private static final String WAIT = "echo ready; while :; do sleep 0.05; done";

    private Process start(String script) throws Exception {
        return new ProcessBuilder(run("sh", "-c", script))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void signal(Process process, String name) throws Exception {
        Tool.run("kill", "-s", name, Long.toString(process.pid()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP", "QUIT", "WINCH", "TSTP", "CONT"})
    void signalReachesTheProgram(String name) throws Exception {
        Process process = start("trap 'echo got " + name + "; exit 9' " + name + "; " + WAIT);
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ready");
            signal(process, name);
            if (name.equals("TSTP")) {
                awaitState(process, 'T');
                signal(process, "CONT");
            }
            assertThat(out.readLine()).isEqualTo("got " + name);
        }
        assertThat(process.waitFor()).isEqualTo(9);
    }

    @Test
    void programThatDoesNotHandleItDiesOfIt() throws Exception {
        Process process = start(WAIT);
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ready");
            signal(process, "TERM");
            assertThat(process.waitFor()).isEqualTo(143);
        }
    }

    @Test
    void secondInterruptAfterTheGraceEndsAProgramThatIgnoresThem() throws Exception {
        Process process = start("trap 'echo no' INT; " + WAIT);
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ready");
            signal(process, "INT");
            assertThat(out.readLine()).isEqualTo("no");
            signal(process, "INT");
            assertThat(out.readLine()).as("within the grace it is passed on").isEqualTo("no");
            Thread.sleep(1100);
            signal(process, "INT");
            assertThat(process.waitFor()).isEqualTo(137);
        }
    }

    @Test
    void suspendedCommandLineSuspendsTheProgramWithIt() throws Exception {
        Process process = start("echo $$; " + WAIT);
        try (BufferedReader out = process.inputReader()) {
            out.readLine();
            assertThat(out.readLine()).isEqualTo("ready");
            ProcessHandle inside = process.descendants()
                    .filter(each -> each.info().command().orElse("").endsWith("sh"))
                    .findFirst()
                    .orElseThrow();
            signal(process, "TSTP");
            awaitState(process, 'T');
            assertThat(state(inside.pid())).isEqualTo('T');
            signal(process, "CONT");
            awaitOtherState(inside.pid());
            signal(process, "TERM");
            assertThat(process.waitFor()).isEqualTo(143);
        }
    }

    private static void awaitState(Process process, char wanted) throws Exception {
        while (state(process.pid()) != wanted) {
            Thread.sleep(10);
        }
    }

    private static void awaitOtherState(long pid) throws Exception {
        while (state(pid) == 'T') {
            Thread.sleep(10);
        }
    }

    /** The third field of proc_pid_stat(5). */
    private static char state(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }
}
