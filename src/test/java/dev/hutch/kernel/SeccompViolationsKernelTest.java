// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.SeccompViolation;
import dev.hutch.spec.Signal;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel's log says of a profile of the caller's is in the result. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.KERNEL_LOG})
class SeccompViolationsKernelTest extends SandboxCase {
    private static final String PROFILE = """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"},
                          {"names": ["rmdir", "unlinkat"], "action": "SCMP_ACT_LOG"}]}
            """;

    private @TempDir Path folder;
    private SeccompProfile profile;

    @BeforeEach
    void writeProfile() throws Exception {
        profile = new SeccompProfile.File(Files.writeString(folder.resolve("profile.json"), PROFILE));
    }

    /** Until the kernel tells: of all that is logged on the machine it lets only a few lines a second through. */
    private SandboxResult told(String script) throws Exception {
        SandboxResult result = null;
        for (int i = 0; i < 300; i++) {
            result = sandbox().seccomp(profile).build().run("sh", "-c", script);
            if (!result.violations().isEmpty()) {
                return result;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("of 300 runs the kernel's log told nothing; the last: " + result);
    }

    @Test
    void theCallThatTheCommandWasKilledForIsNamed() throws Exception {
        SandboxResult result = told("exec mkdir /tmp/a");

        assertThat(result.outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGSYS));
        assertThat(result.violations())
                .singleElement()
                .satisfies(each -> assertThat(each.systemCall()).matches("mkdir(at)?"))
                .returns("mkdir", SeccompViolation::program)
                .returns(true, SeccompViolation::killed)
                .returns(1, SeccompViolation::count);
        assertThat(result.inWords()).contains("which the seccomp filter sends for mkdir");
    }

    @Test
    void soIsTheOneOfAnotherProcessInside() throws Exception {
        SandboxResult result = told("mkdir /tmp/a; sleep 0.1; exit 3");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
        assertThat(result.violations()).singleElement().returns("mkdir", SeccompViolation::program);
    }

    @Test
    void soIsACallThatWasLoggedAndMade() throws Exception {
        SandboxResult result = told("rmdir /tmp/none; sleep 0.1");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.violations())
                .singleElement()
                .returns("rmdir", SeccompViolation::program)
                .returns(false, SeccompViolation::killed);
    }

    @Test
    void anotherSandboxsAreNotInIt() throws Exception {
        try (SandboxProcess beside = sandbox().seccomp(profile).build().start("sh", "-c", "read end")) {
            told("exec mkdir /tmp/a");
            beside.getOutputStream().close();
            assertThat(beside.result().violations()).isEmpty();
        }
    }

    @Test
    void ofACallInASessionThoseOfTheEarlierOnesAreNotItsOwn() throws Exception {
        try (SandboxSession session = sandbox().seccomp(profile).build().session()) {
            List<SeccompViolation> first = List.of();
            for (int i = 0; first.isEmpty() && i < 300; i++) {
                first = session.run("sh", "-c", "mkdir a; sleep 0.1").violations();
                Thread.sleep(100);
            }
            assertThat(first).as("in 300 calls").hasSize(1);
            assertThat(session.run("true").violations()).isEmpty();
        }
    }

    @Test
    void aSignalOfItsOwnMakingNamesNoCall() throws Exception {
        SandboxResult result = sandbox().seccomp(profile).build().run("sh", "-c", "kill -SYS $$");

        assertThat(result.outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGSYS));
        assertThat(result.violations()).isEmpty();
    }
}
