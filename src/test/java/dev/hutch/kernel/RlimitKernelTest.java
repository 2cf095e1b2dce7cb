// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.Rlimit;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class RlimitKernelTest extends SandboxCase {
    @Test
    void filesAreLimitedTo1024AndCoresToNone() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.numbers("rlimit.NOFILE")).containsExactly(1024L, 1024L);
        assertThat(seen.numbers("rlimit.CORE")).containsExactly(0L, 0L);
    }

    @Test
    void noHardLimitCanBeRaisedInside() throws Exception {
        Inside answers = attempt(probed().build(), "raise_nofile", "raise_core");

        assertThat(answers.answer("raise_nofile")).isEqualTo("EPERM");
        assertThat(answers.answer("raise_core")).isEqualTo("EPERM");
    }

    @Test
    void aDescriptorHogStopsAtTheLimit() throws Exception {
        SandboxResult result = probed().build().run(PROBE, "fdhog");

        assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        assertThat(result.out()).isEqualTo("opened=1021\nerrno=EMFILE\n");
    }

    @ParameterizedTest
    @EnumSource
    void eachLimitCanBeAskedFor(Rlimit.Resource resource) throws Exception {
        // Room enough for the probe itself, below every default, and within what a plain user's own limits allow.
        long hard = switch (resource) {
            case AS, DATA, STACK, FSIZE, RSS -> 1L << 29;
            case NICE, RTPRIO -> 0;
            default -> 900;
        };
        Sandbox box = probed().rlimit(new Rlimit(resource, hard / 2, hard)).build();

        assertThat(report(box).numbers("rlimit." + resource)).containsExactly(hard / 2, hard);
    }

    @Test
    void aSoftLimitMayBeRaisedToTheHardOneAndNoFurther() throws Exception {
        Sandbox box =
                probed().rlimit(new Rlimit(Rlimit.Resource.NOFILE, 16, 64)).build();

        assertThat(box.run(PROBE, "fdhog").out()).isEqualTo("opened=13\nerrno=EMFILE\n");
        assertThat(answer(box, "raise_nofile")).isEqualTo("EPERM");
    }

    /** Without a cgroup nothing counts it: what is asked for and can't be kept is refused. */
    @Test
    void processorTimeIsKeptOrRefused() throws Exception {
        Sandbox box = sandbox().cpuTime(Duration.ofMillis(50)).build();
        if (Need.CGROUP_ANY.missing().isPresent()) {
            assertThatThrownBy(() -> box.run("true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("cpu-time to 50 ms")
                    .hasMessageContaining("hutch doctor");
        } else {
            assertThat(box.run("sh", "-c", "while :; do :; done").outcome()).isEqualTo(new Outcome.CpuTimeout());
        }
    }
}
