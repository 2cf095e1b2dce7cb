// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What comes back of tests that fail and are skipped over there: a test that can't fail would prove nothing. */
@KernelTest({Need.ROOT, Need.PLAIN_USER, Need.GCC})
class PlainUserTest {
    private static PlainUser user;

    /** Not found by the build: named by the tests here alone. */
    @AsPlainUser
    static class Samples {
        @Test
        void fails() {
            assertThat("what is").isEqualTo("what should be");
        }

        @Test
        @KernelTest(Need.ROOT)
        void needsRoot() {}

        @Test
        void passes() {}
    }

    @BeforeAll
    static void start() throws IOException {
        user = PlainUser.start();
    }

    @AfterAll
    static void end() throws IOException {
        user.close();
    }

    @Test
    void aFailureComesBackWithItsMessage() throws IOException {
        WorkerJvm.Answer answer = user.run(id("fails"));

        assertThat(answer.kind()).isEqualTo(WorkerJvm.Answer.Kind.FAILED);
        assertThat(answer.text()).contains("what should be");
    }

    @Test
    void aNeedThatOnlyThatUserLacksIsASkip() throws IOException {
        WorkerJvm.Answer answer = user.run(id("needsRoot"));

        assertThat(answer.kind()).isEqualTo(WorkerJvm.Answer.Kind.SKIPPED);
        assertThat(answer.text()).contains("ROOT");
    }

    /** The report is else a file in a folder that goes with the test run, or with the guest. */
    @Test
    void ofACrashTheWholeReportIsTold() throws Exception {
        Process process = new ProcessBuilder(OtherJvm.command(List.of("-XX:-CreateCoredumpOnCrash"), Crash.class))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isNotZero();
        assertThat(said)
                .contains("A fatal error has been detected", "SIGSEGV", "Native frames:", Crash.class.getName());
    }

    /** Ends its JVM as a bad pointer would. */
    static final class Crash {
        private Crash() {}

        public static void main(String[] args) throws Exception {
            new ProcessBuilder(
                            "kill",
                            "-SEGV",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void aTestThatPassesIsNotedAsSuch() throws IOException {
        assertThat(user.run(id("passes")).kind()).isEqualTo(WorkerJvm.Answer.Kind.PASSED);
    }

    @Test
    void aTestThatIsNotFoundIsAFailure() throws IOException {
        assertThat(user.run(id("isNotThere")).kind()).isEqualTo(WorkerJvm.Answer.Kind.FAILED);
    }

    private static String id(String method) {
        return "[engine:junit-jupiter]/[class:" + Samples.class.getName() + "]/[method:" + method + "()]";
    }
}
