// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hutch.Sandbox;
import dev.hutch.internal.launch.FaultyContext;
import dev.hutch.internal.launch.FaultyContext.Plan;
import dev.hutch.internal.launch.FaultyKernel;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxSpec;
import dev.hutch.spec.Size;
import dev.hutch.spec.TimeOffsets;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.HostState;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every op of a plan fails in turn: the error names it, the next launch works, and nothing is left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.BUSYBOX, Need.GCC})
class OpFaultTest extends FaultCase {
    private static final String PROGRAM = "/bin/true";

    @TempDir
    private Path workspace;

    private SandboxSpec spec(String kind) {
        Sandbox.Builder builder = Sandbox.builder();
        switch (kind) {
            case "busybox" -> builder.rootfs(new Rootfs.Directory(BusyboxRoot.path(), true, false));
            case "ephemeral" -> builder.rootfs(new Rootfs.Directory(BusyboxRoot.path(), false, true));
            case "no-init" -> builder.init(false);
            case "pid-host" -> builder.hostNamespace(Namespace.PID);
            case "mounts" ->
                builder.bindReadOnly(Inside.program(), Inside.DESTINATION)
                        .tmpfs(Path.of("/scratch"))
                        .mount(new Mount.Tmpfs(Path.of("/small"), Size.mebibytes(1), 0700));
            case "workspace" -> builder.workspace(workspace);
            case "clocks" -> builder.timeOffsets(new TimeOffsets(Duration.ofDays(1), Duration.ofDays(2)));
            default -> assertThat(kind).isEqualTo("default");
        }
        return builder.build().spec();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "busybox", "ephemeral", "no-init", "pid-host", "mounts", "clocks"})
    void everyOpThatFailsIsNamedAndLeavesNothing(String kind) throws Exception {
        SandboxSpec spec = spec(kind);
        try (FaultyContext context = new FaultyContext()) {
            gone(context.launch(spec, Plan.COMMAND, -1, PROGRAM));
            HostState between = HostState.now();
            for (Plan plan : new Plan[] {Plan.SURROUNDINGS, Plan.COMMAND}) {
                assertThat(context.size(plan)).isGreaterThan(5);
                for (int i = 0; i < context.size(plan); i++) {
                    int index = i;
                    assertThatThrownBy(() -> context.launch(spec, plan, index, PROGRAM))
                            .as("%s: op %d of %s", kind, index, plan)
                            .isInstanceOfSatisfying(SandboxException.class, e -> {
                                assertThat(e.operation()).isEqualTo("chdir");
                                assertThat(e.target()).isEqualTo(FaultyContext.MISSING);
                                assertThat(e.errno()).isPresent();
                            });
                }
            }
            assertThat(between.leftovers()).as("left by failed launches").isEmpty();
            gone(context.launch(spec, Plan.COMMAND, -1, PROGRAM));
        }
    }

    @Test
    void everyOpOfTheZygotesOwnThatFailsIsNamedAndLeavesNothing() throws Exception {
        int size;
        try (FaultyContext context = new FaultyContext()) {
            gone(context.launch(spec("default"), PROGRAM));
            size = context.size(Plan.ZYGOTE);
        }
        assertThat(size).isGreaterThan(20);
        for (int i = 0; i < size; i++) {
            int index = i;
            try (FaultyContext context = FaultyContext.withZygoteFailingAt(index)) {
                SandboxException failure = catchThrowableOfType(
                        SandboxException.class, () -> context.launch(spec("default"), "/bin/true"));
                assertThat(failure).as("op %d", index).isNotNull();
                assertThat(failure.target()).isEqualTo(FaultyContext.MISSING);
            }
        }
    }

    /** Java's side of a launch, too: every call that it makes fails in turn, unless it can do without it. */
    @ParameterizedTest
    @ValueSource(strings = {"default", "no-init", "pid-host", "workspace"})
    void everyCallOfALaunchThatFailsLeavesNothing(String kind) throws Exception {
        FaultyKernel kernel = new FaultyKernel();
        try (FaultyContext context = new FaultyContext(kernel)) {
            SandboxSpec spec = spec(kind);
            gone(context.launch(spec, PROGRAM));
            HostState between = HostState.now();
            assertThat(failEachCall(kernel, context, spec, PROGRAM)).isGreaterThan(20);
            assertThat(between.leftovers()).as("left by failed launches").isEmpty();
            gone(context.launch(spec, PROGRAM));
        }
    }
}
