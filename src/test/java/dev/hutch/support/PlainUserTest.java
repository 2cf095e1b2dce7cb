// SPDX-License-Identifier: Apache-2.0
package dev.hutch.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
