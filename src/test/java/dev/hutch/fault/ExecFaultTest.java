// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.internal.launch.FaultyContext;
import dev.hutch.internal.launch.FaultyContext.Plan;
import dev.hutch.internal.launch.FaultyKernel;
import dev.hutch.internal.launch.LiveChild;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Signal;
import dev.hutch.support.HostState;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.QuietLog;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What joins a container fails at any step, or loses its guard, its init or its zygote: nothing of it is left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.GCC})
@ExtendWith(QuietLog.class)
@Timeout(120)
class ExecFaultTest extends FaultCase {
    private static final String[] PROGRAM = {"/bin/true"};
    private static final Outcome KILLED = new Outcome.Signalled(Signal.SIGKILL);
    private static final String[] MAIN = {"/bin/sleep", "1000"};

    private static SandboxSpec spec(String kind) {
        Sandbox.Builder builder = Sandbox.builder();
        return switch (kind) {
            case "no-init" -> builder.init(false).build().spec();
            case "userns-host" -> builder.hostNamespace(Namespace.USER).build().spec();
            default -> builder.build().spec();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "no-init", "userns-host"})
    void everyOpThatFailsIsNamedAndLeavesTheContainerAsItWas(String kind) throws Exception {
        try (FaultyContext context = new FaultyContext()) {
            LiveChild main = context.launch(spec(kind), Plan.COMMAND, -1, MAIN);
            gone(context.join(main, Plan.COMMAND, -1, PROGRAM));
            HostState between = HostState.now();
            for (Plan plan : new Plan[] {Plan.JOINED, Plan.COMMAND}) {
                for (int i = 0; i < context.size(plan); i++) {
                    int index = i;
                    assertThatThrownBy(() -> context.join(main, plan, index, PROGRAM))
                            .as("%s: op %d of %s", kind, index, plan)
                            .isInstanceOfSatisfying(
                                    SandboxException.class,
                                    e -> assertThat(e.target()).isEqualTo(FaultyContext.MISSING));
                }
            }
            assertThat(between.leftovers()).as("left by failed joins").isEmpty();
            gone(context.join(main, Plan.COMMAND, -1, PROGRAM));
        }
    }

    @Test
    void everyCallOfJavasThatFailsLeavesTheContainerAsItWas() throws Exception {
        FaultyKernel kernel = new FaultyKernel();
        try (FaultyContext context = new FaultyContext(kernel)) {
            LiveChild main = context.launch(spec("default"), MAIN);
            gone(context.join(main, Plan.COMMAND, -1, PROGRAM));
            HostState between = HostState.now();
            int failures = 0;
            for (int i = 0; i == 0 || !kernel.failed().isEmpty(); i++) {
                kernel.failAt(i);
                try {
                    gone(context.join(main, Plan.COMMAND, -1, PROGRAM));
                } catch (SandboxException e) {
                    failures++;
                }
            }
            assertThat(failures).isGreaterThan(10);
            kernel.failAt(-1);
            assertThat(between.leftovers()).as("left by failed joins").isEmpty();
            gone(context.join(main, Plan.COMMAND, -1, PROGRAM));
        }
    }

    private static Set<ProcessHandle> family() {
        return ProcessHandle.current().descendants().collect(Collectors.toSet());
    }

    /** The one between the zygote and the command. */
    private static long parent(SandboxProcess process) {
        return ProcessHandle.of(process.pid())
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .orElseThrow();
    }

    private static void kill(long pid) throws Exception {
        Tool.run("kill", "-KILL", Long.toString(pid));
    }

    @Test
    void aKilledGuardTakesItsCommandAlongAndNoOther() throws Exception {
        try (SandboxProcess main = Sandbox.builder().build().start(MAIN);
                SandboxProcess joined = main.exec(MAIN)) {
            kill(parent(joined));

            assertThat(joined.result().outcome()).isEqualTo(KILLED);
            assertThat(main.exec(PROGRAM).waitFor()).isZero();
        }
    }

    @Test
    void aKilledInitTakesAllAlong() throws Exception {
        try (SandboxProcess main = Sandbox.builder().build().start(MAIN);
                SandboxProcess joined = main.exec(MAIN)) {
            kill(parent(main));

            assertThat(joined.result().outcome()).isEqualTo(KILLED);
            assertThat(main.result().outcome()).isEqualTo(KILLED);
        }
    }

    @Test
    void aKilledZygoteIsToldToAllAndNothingIsLeft() throws Exception {
        try (Hutch hutch = Hutch.builder().build()) {
            Sandbox box = Sandbox.builder().context(hutch).build();
            try (SandboxProcess main = box.start(MAIN);
                    SandboxProcess joined = main.exec(MAIN);
                    SandboxSession session = box.session();
                    SandboxProcess call = session.start(MAIN)) {
                kill(ProcessHandle.of(parent(main))
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .pid());

                for (SandboxProcess process : List.of(main, joined, call)) {
                    assertThatThrownBy(process::result)
                            .isInstanceOf(SandboxException.class)
                            .hasMessageContaining("zygote");
                }
                assertThatThrownBy(() -> main.exec(PROGRAM)).hasMessageContaining("has ended");
                assertThatThrownBy(() -> session.run(PROGRAM)).hasMessageContaining("make another");
            }
        }
    }

    @Test
    void aSessionWhosePid1WasKilledSaysSo() throws Exception {
        try (SandboxSession session = Sandbox.builder().build().session();
                SandboxProcess call = session.start(MAIN)) {
            long holder = ProcessHandle.current()
                    .descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("--hold"))
                    .findFirst()
                    .orElseThrow()
                    .pid();
            kill(holder);

            assertThat(call.result().outcome()).isEqualTo(KILLED);
            assertThatThrownBy(() -> session.run(PROGRAM))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("its container is gone (ended by SIGKILL)")
                    .hasMessageContaining("make another");
        }
    }

    @Test
    void aContextIsClosedOverASessionAndItsCalls() throws Exception {
        Hutch hutch = Hutch.builder().build();
        try (SandboxSession session = Sandbox.builder().context(hutch).build().session();
                SandboxProcess call = session.start(MAIN)) {
            hutch.close();

            assertThat(call.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> session.run(PROGRAM)).isInstanceOf(SandboxException.class);
        }
    }

    @Test
    void endsAtAnyMomentOfAJoinHangNobody() throws Exception {
        Sandbox box = Sandbox.builder().build();
        for (int i = 0; i < 20; i++) {
            SandboxProcess main = box.start(MAIN);
            Thread closing = new Thread(main::close);
            CompletableFuture<Void> joining = CompletableFuture.runAsync(() -> {
                try {
                    main.exec(MAIN).close();
                } catch (IOException tooLate) {
                    assertThat(tooLate).isInstanceOf(SandboxException.class);
                }
            });
            Thread.sleep(i / 2);
            closing.start();
            joining.get();
            closing.join();
        }
    }
}
