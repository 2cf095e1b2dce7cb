// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.SandboxProcess;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class StreamsKernelTest extends SandboxCase {
    @Test
    void onlyTheThreeStandardStreamsCross() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.descriptors()).containsExactly(0, 1, 2);
        assertThat(seen.text("fd.0")).isEqualTo("/dev/null");
        assertThat(seen.text("fd.1")).startsWith("pipe:");
    }

    @Test
    void thePipesBelongToTheIdInside() throws Exception {
        assertThat(report(probed().build()).text("fd.1.owner")).isEqualTo("1000:1000");
    }

    @Test
    void theEnvironmentIsTheDefaultOneAndNothingElse() throws Exception {
        assertThat(report(probed().build()).environment().keySet())
                .containsExactlyInAnyOrder("HOME", "USER", "PATH", "LANG");
    }

    @Test
    void noSignalIsBlockedOrIgnored() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.mask("SigBlk")).isZero();
        assertThat(seen.mask("SigIgn")).isZero();
        assertThat(seen.text("umask")).isEqualTo("22");
        assertThat(seen.text("cwd")).startsWith("/");
        assertThat(seen.text("dumpable")).isEqualTo("1");
    }

    @Test
    void bothStreamsAreCapturedApart() throws Exception {
        SandboxResult result = probed().build().run("/bin/sh", "-c", "echo out; echo err >&2");

        assertThat(result.out()).isEqualTo("out\n");
        assertThat(result.err()).isEqualTo("err\n");
    }

    @Test
    void inputGoesInAndOutputComesOut() throws Exception {
        try (SandboxProcess cat = probed().build().start("/bin/cat")) {
            try (OutputStream input = cat.getOutputStream()) {
                input.write("through".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("through");
            assertThat(cat.waitFor()).isZero();
        }
    }

    @Test
    void aFloodOfOutputIsCountedAndItsMiddleDropped() throws Exception {
        long gibibyte = Rounds.of(1 << 30);
        SandboxResult result = probed().build().run(PROBE, "flood", Long.toString(gibibyte));

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.stdout().total()).isEqualTo(gibibyte);
        assertThat(result.stdout().bytes().length).isLessThanOrEqualTo(17 << 20);
        assertThat(result.stdout().truncated()).isTrue();
    }

    @Test
    void theOutputLimitEndsTheProgramAndKeepsWhatCameBefore() throws Exception {
        SandboxResult result = probed().outputLimit(Size.bytes(100_000)).build().run(PROBE, "flood");

        assertThat(result.outcome()).isInstanceOf(Outcome.OutputLimit.class);
        assertThat(result.exitStatus()).isEqualTo(153);
        assertThat(result.stdout().bytes().length).isEqualTo(100_000);
    }

    @Test
    void outputOfExactlyTheLimitIsNoOffence() throws Exception {
        SandboxResult result = probed().outputLimit(Size.bytes(100_000)).build().run(PROBE, "flood", "100000");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.stdout().bytes()).hasSize(100_000);
    }

    /** LESSONS "fds crossing launches": each program sees 0 to 2, and each pipe ends with its own program. */
    @Test
    void manyLaunchesAtOnceKeepTheirDescriptorsApart() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(64);
        try {
            List<Callable<String>> launches = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String word = "launch-" + i;
                launches.add(() -> output(probed().build(), "/bin/sh", "-c", "ls /proc/self/fd | wc -l; echo " + word));
            }
            List<Future<String>> outputs = pool.invokeAll(launches);
            for (int i = 0; i < outputs.size(); i++) {
                // The fourth is the directory that ls itself has open.
                assertThat(outputs.get(i).get()).isEqualTo("4\nlaunch-" + i + "\n");
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
