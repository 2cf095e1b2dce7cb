// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.NativeProgram;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many programs in one container, which ends when nobody calls any more. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class SessionKernelTest extends SandboxCase {
    @Test
    void whatOneCallLeavesTheNextFinds() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "echo one > file; echo two > /tmp/file; hostname > name; exit 0");

            assertThat(shell(session, "cat file /tmp/file")).isEqualTo("one\ntwo\n");
            assertThat(shell(session, "hostname | cmp - name && id -u")).isEqualTo("1000\n");
        }
    }

    @Test
    void twoSessionsOfOneSandboxShareNothing() throws Exception {
        Sandbox box = sandbox().build();
        try (SandboxSession one = box.session();
                SandboxSession other = box.session()) {
            shell(one, "echo secret > /tmp/file");

            assertThat(other.run("cat", "/tmp/file").exitStatus()).isEqualTo(1);
        }
    }

    @Test
    void theContainerIsMadeAtTheFirstCallAndGoneAfterTheLast() throws Exception {
        try (Hutch hutch = Hutch.builder().build()) {
            SandboxSession session = sandbox().context(hutch).build().session();
            String inside = shell(session, "ps -eo pid=,args=");
            assertThat(inside.lines().map(String::strip)).first().asString().isEqualTo("1 hutch-session --hold");
            session.close();

            assertThatThrownBy(() -> session.run("true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("it was closed: make another");
        }
    }

    @Test
    void aSessionThatWasNeverCalledIsClosedToo() throws Exception {
        sandbox().build().session().close();
    }

    @Test
    void anIdleSessionEndsAndSaysSo() throws Exception {
        SandboxSession session = SandboxSession.builder(sandbox().build())
                .idle(Duration.ofMillis(200))
                .build();
        try (session;
                SandboxProcess longer = session.start("sleep", "1000")) {
            session.run("sleep", "0.5").orThrow();
            assertThat(longer.isAlive())
                    .as("a call under way, though longer than the idle time")
                    .isTrue();
            longer.close();

            assertThatThrownBy(() -> {
                        while (true) {
                            session.run("true");
                            Thread.sleep(300);
                        }
                    })
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("idle for 200 ms");
        }
    }

    @Test
    void aTimeOutEndsTheCallAndNotTheSession() throws Exception {
        Sandbox box = sandbox().wallTime(Duration.ofSeconds(1)).build();
        try (SandboxSession session = box.session()) {
            SandboxResult late = session.run("/bin/sh", "-c", "echo begun; sleep 1000");
            assertThat(late.outcome()).isEqualTo(new Outcome.Timeout());
            assertThat(late.out()).isEqualTo("begun\n");
            assertThat(shell(session, "echo on")).isEqualTo("on\n");
        }
    }

    @Test
    void aCallsOutputLimitEndsTheCallAlone() throws Exception {
        try (SandboxSession session =
                sandbox().outputLimit(Size.kibibytes(64)).build().session()) {
            assertThat(session.run("yes").outcome()).isEqualTo(new Outcome.OutputLimit());
            assertThat(shell(session, "echo on")).isEqualTo("on\n");
        }
    }

    @Test
    void whatIsLeftInTheBackgroundLivesOnUntilOthersAreEnded() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "sleep 1000 > /dev/null 2>&1 & setsid sleep 2000 > /dev/null 2>&1 &");
            assertThat(shell(session, "ps -eo args=")).contains("sleep 1000\n", "sleep 2000\n");

            session.endOthers();
            while (shell(session, "ps -eo args=").contains("sleep")) {
                Thread.sleep(5);
            }
            assertThat(shell(session, "ps -eo args=").lines())
                    .as("reaped too")
                    .containsExactly("hutch-session --hold", "/bin/sh -c ps -eo args=", "ps -eo args=");
        }
    }

    /** Which leaves no task for anybody, and makes more as long as it can. */
    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aForkBombIsEndedWithTheOthersAndTheSessionGoesOn() throws Exception {
        try (SandboxSession session = sandbox()
                .pids(16)
                .mount(new Mount.Bind(NativeProgram.of("forks_for_ever"), Path.of("/bomb"), true))
                .build()
                .session()) {
            shell(session, "touch /tmp/kept");
            session.run("/bomb");
            assertThat(Stream.generate(() -> isRefused(session)).limit(50))
                    .as("now and then one gets a task, when another has ended")
                    .contains(true);

            session.endOthers();
            while (session.usage().pids().orElseThrow() > 2) {
                Thread.sleep(5);
            }
            assertThat(shell(session, "ls /tmp/kept")).isEqualTo("/tmp/kept\n");
        }
    }

    private static boolean isRefused(SandboxSession session) {
        try {
            session.run("true");
            return false;
        } catch (SandboxException e) {
            return true;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aProgramCannotEndOrStopTheSession() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            assertThat(shell(session, "kill -KILL 1; kill -STOP 1; kill -KILL -1; echo tried"))
                    .isEqualTo("tried\n");
            assertThat(shell(session, "echo on")).isEqualTo("on\n");
        }
    }

    @Test
    void callsAtOnceRunAtOnce() throws Exception {
        String metAll =
                "mkdir -p /tmp/met; touch /tmp/met/$0; until [ $(ls /tmp/met | wc -l) = 4 ]; do sleep 0.01; done";
        try (SandboxSession session = sandbox().build().session()) {
            List<CompletableFuture<SandboxResult>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(session.runAsync("/bin/sh", "-c", metAll, "call" + i));
            }
            for (CompletableFuture<SandboxResult> call : calls) {
                assertThat(call.get().exitStatus()).isZero();
            }
        }
    }

    @Test
    void closingEndsCallsUnderWayWithAResult() throws Exception {
        SandboxSession session = sandbox().build().session();
        SandboxProcess process = session.start("/bin/sh", "-c", "echo ready; sleep 1000");
        try (process) {
            awaitLine(process, "ready");
            session.close();
            assertThat(process.result().outcome()).isEqualTo(new Outcome.Signalled(Signal.SIGKILL));
        }
    }

    @Test
    void aFutureThatIsCancelledEndsItsCallAlone() throws Exception {
        try (SandboxSession session = sandbox().build().session()) {
            shell(session, "mkfifo /tmp/pipe");
            CompletableFuture<SandboxResult> call = session.runAsync("/bin/sh", "-c", "echo > /tmp/pipe; sleep 1000");
            session.run("cat", "/tmp/pipe").orThrow();
            call.cancel(true);
            while (shell(session, "ps -eo args=").contains("echo > /tmp/pipe; sleep")) {
                Thread.sleep(5);
            }
        }
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void memoryThatACallUsesUpIsThatCallsEnd() throws Exception {
        try (SandboxSession session =
                sandbox().memory(Size.mebibytes(64)).build().session()) {
            SandboxResult hog = session.run("/bin/sh", "-c", "head -c 500000000 /dev/zero | tail -c 500000000");
            assertThat(hog.account().oomKills()).isPositive();
            SandboxResult next = session.run("echo", "on");
            assertThat(next.out()).isEqualTo("on\n");
            assertThat(next.account().oomKills()).as("not its own").isZero();
        }
    }

    @Test
    void whatCannotGoTogetherIsRefused() throws Exception {
        Sandbox box = sandbox().init(false).build();
        assertThatThrownBy(box::session).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @KernelTest(Need.CGROUP_V2)
    void inTheHostsPidNamespaceNobodyElseIsEnded() throws Exception {
        try (SandboxSession session =
                sandbox().hostNamespace(Namespace.PID).build().session()) {
            assertThat(shell(session, "echo on")).isEqualTo("on\n");
            assertThatThrownBy(session::endOthers).hasMessageContaining("the host's pid namespace");
            assertThat(shell(session, "echo on")).isEqualTo("on\n");
        }
    }

    private static String shell(SandboxSession session, String script) throws IOException, InterruptedException {
        return session.run("/bin/sh", "-c", script).orThrow().out();
    }
}
