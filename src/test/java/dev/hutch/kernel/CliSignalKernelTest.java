// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that the command line gets are the program's. */
@KernelTest(Need.USER_NAMESPACES)
class CliSignalKernelTest extends CliCase {
    private static final String WAIT = "echo ready; while :; do sleep 0.05; done";

    private Process started;

    private Process start(String script) throws Exception {
        started = new ProcessBuilder(run("sh", "-c", script))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return started;
    }

    /** It has ended, unless the test failed. */
    @AfterEach
    void endIt() throws Exception {
        started.destroyForcibly().waitFor();
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
            ProcessHandle program = program(process);
            signal(process, name);
            if (name.equals("TSTP")) {
                await(process.pid(), 'T');
                // SIGCONT takes a SIGTSTP back that has not been delivered yet: signal(7).
                awaitEnd(program);
                signal(process, "CONT");
            }
            assertThat(out.readLine()).isEqualTo("got " + name);
        }
        assertThat(process.waitFor()).isEqualTo(9);
    }

    /** To each of its threads in turn, so that those that wait in the kernel are woken with EINTR again and again. */
    @Test
    void aStormOfSignalsBreaksNothingOff() throws Exception {
        Process process = start("read go; head -c 20000000 /dev/zero; exit 7");
        Process storm = new ProcessBuilder(
                        "sh",
                        "-c",
                        "while [ -e /proc/$0 ]; do for task in /proc/$0/task/*; do kill -s WINCH ${task##*/}; done; done",
                        Long.toString(process.pid()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            process.outputWriter().append("go\n").close();
            assertThat(process.getInputStream().readAllBytes()).hasSize(20_000_000);
            assertThat(process.waitFor()).isEqualTo(7);
        } finally {
            storm.destroyForcibly().waitFor();
        }
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
            ProcessHandle inside = program(process);
            signal(process, "TSTP");
            await(process.pid(), 'T');
            await(inside.pid(), 'T');
            signal(process, "CONT");
            await(inside.pid(), 'S');
            signal(process, "TERM");
            assertThat(process.waitFor()).isEqualTo(143);
        }
    }

    private static void await(long pid, char wanted) throws Exception {
        for (int i = 0; state(pid) != wanted; i++) {
            assertThat(i)
                    .as("state of %d is %c, not %c", pid, state(pid), wanted)
                    .isLessThan(1000);
            Thread.sleep(10);
        }
    }

    private static ProcessHandle program(Process process) {
        return process.descendants()
                .filter(each -> each.info().command().orElse("").endsWith("sh"))
                .min(Comparator.comparingLong(ProcessHandle::pid))
                .orElseThrow();
    }

    private static void awaitEnd(ProcessHandle process) throws InterruptedException {
        while (process.isAlive()) {
            Thread.sleep(5);
        }
    }

    /** The third field of proc_pid_stat(5). */
    private static char state(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }
}
