// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.cli.Main;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.StagedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program fills the host's memory where no cgroup bounds it: on a small guest, since others would suffer elsewhere. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.PLAIN_USER, Need.SMALL_MEMORY, Need.PYTHON})
class HostMemoryKernelTest {
    private static final String ONE = "x = []\nwhile True: x.append(bytearray(8 << 20))";
    private static final String MANY = """
            import os, time
            for i in range(40):
                if os.fork() == 0:
                    x = []
                    while len(x) < 8: x.append(bytearray(8 << 20))
                    time.sleep(600)
            while True:
                pid, status = os.wait()
                if status == 9: os.kill(os.getpid(), 9)
            """;

    private static StagedJvm jvm;

    @BeforeAll
    static void stage() throws IOException {
        jvm = StagedJvm.make();
    }

    @AfterAll
    static void remove() throws IOException {
        jvm.close();
    }

    /** LESSONS §2.24: as a plain user without a delegated cgroup. The JVM tells of the end, so it is alive. */
    @ParameterizedTest
    @ValueSource(strings = {"one process", "many processes"})
    void theJvmIsNeverTheVictimInTheProgramsStead(String hog) throws Exception {
        Process process = start("run", "--", "python3", "-c", hog.startsWith("one") ? ONE : MANY);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(err).isEqualTo(137);
        assertThat(err).contains("not enforced here: memory");
    }

    @Test
    void whatTheSandboxIsMadeOfGoesFirst() throws Exception {
        Process process = start("run", "--", "cat", "/proc/self/oom_score_adj");

        assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("1000\n");
        assertThat(process.waitFor()).isZero();
    }

    private static Process start(String... words) throws IOException {
        List<String> command = StagedJvm.asPlainUser(jvm.java(Main.class, words));
        Process process = jvm.builder(command).start();
        process.getOutputStream().close();
        return process;
    }
}
