// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Namespace;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The zygote, init or a guard is killed or stopped while this JVM lives: a clear error, and nothing is left. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.GCC})
@Timeout(120)
class ZygoteFaultTest extends FaultCase {
    private static final String PROBE = Inside.DESTINATION.toString();

    /** With an init, without one, and without a pid namespace. */
    enum Kind {
        INIT,
        NO_INIT,
        PID_HOST;

        Sandbox.Builder in(Hutch context) {
            Sandbox.Builder builder = Sandbox.builder()
                    .context(context)
                    .mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
            return this == NO_INIT
                    ? builder.init(false)
                    : this == PID_HOST ? builder.hostNamespace(Namespace.PID) : builder;
        }
    }

    /** One whose zygote has started, which happens in the background. */
    private static Hutch withItsZygote() throws Exception {
        Hutch context = Hutch.builder().stock(0).build();
        Sandbox.builder().context(context).build().run("true").orThrow();
        return context;
    }

    private static ProcessHandle zygote(Set<ProcessHandle> before) {
        List<ProcessHandle> made = ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .toList();
        assertThat(made).hasSize(1);
        return made.get(0);
    }

    private static Set<ProcessHandle> children() {
        return Set.copyOf(ProcessHandle.current().children().toList());
    }

    private static void signal(String signal, ProcessHandle process) throws IOException {
        Tool.run("kill", signal, Long.toString(process.pid()));
    }

    private static SandboxProcess stubborn(Sandbox box) throws IOException {
        SandboxProcess process = box.start(PROBE, "ignore-signals");
        int next = process.getInputStream().read();
        while (next != '\n') {
            assertThat(next)
                    .as("the line that it prints once every signal is ignored")
                    .isNotEqualTo(-1);
            next = process.getInputStream().read();
        }
        return process;
    }

    private static void awaitDeath(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            while (process.isAlive() && !isZombie(process)) {
                Thread.sleep(5);
            }
        }
    }

    private static boolean isZombie(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"))
                    .contains(") Z ");
        } catch (IOException gone) {
            return true;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aKilledZygoteTakesItsSandboxesAlongAndTheNextLaunchHasAnother(Kind kind) throws Exception {
        Set<ProcessHandle> before = children();
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            Sandbox box = kind.in(context).build();
            SandboxProcess process = stubborn(box);
            List<ProcessHandle> family = zygote.descendants().toList();
            assertThat(family).hasSizeGreaterThanOrEqualTo(2);

            signal("-KILL", zygote);

            assertThatThrownBy(process::result)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("zygote")
                    .hasMessageContaining("a new start gets a new one");
            assertThatThrownBy(process::waitFor)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(SandboxException.class);
            process.close();
            awaitDeath(family);
            assertThat(box.run(PROBE, "exit", "3").outcome()).isEqualTo(new Outcome.Exited(3));
        }
    }

    @Test
    void aLaunchRightAfterTheZygotesDeathHasAnother() throws Exception {
        for (int i = 0; i < 10; i++) {
            Set<ProcessHandle> before = children();
            try (Hutch context = withItsZygote()) {
                ProcessHandle zygote = zygote(before);
                zygote.destroyForcibly();
                while (!isZombie(zygote)) {
                    Thread.sleep(1);
                }

                assertThat(Kind.INIT.in(context).build().run(PROBE, "exit", "3").outcome())
                        .isEqualTo(new Outcome.Exited(3));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aContextWithAStoppedZygoteCanBeClosed(Kind kind) throws Exception {
        Set<ProcessHandle> before = children();
        List<ProcessHandle> family = new ArrayList<>();
        SandboxProcess process;
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            process = stubborn(kind.in(context).build());
            family.add(zygote);
            zygote.descendants().forEach(family::add);
            signal("-STOP", zygote);
        }
        process.close();
        awaitDeath(family);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anInitOrGuardThatIsKilledTakesTheProgramAlong(Kind kind) throws Exception {
        Set<ProcessHandle> before = children();
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            try (SandboxProcess process = stubborn(kind.in(context).build())) {
                List<ProcessHandle> family = zygote.descendants().toList();
                signal("-KILL", zygote.children().findFirst().orElseThrow());

                assertThat(process.waitFor()).isEqualTo(137);
                awaitDeath(family);
            }
            assertThat(Kind.INIT.in(context).build().run(PROBE, "exit", "3").outcome())
                    .isEqualTo(new Outcome.Exited(3));
        }
    }

    /** A change of ids clears PDEATHSIG, and a program that was given the right can make one. */
    @Test
    void aGuardThatIsKilledTakesAProgramAlongThatHasChangedItsIds() throws Exception {
        Set<ProcessHandle> before = children();
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            Sandbox box = Kind.NO_INIT
                    .in(context)
                    .capabilities(Set.of(Capability.SETUID, Capability.SETGID))
                    .build();
            String script = "import os,time; os.setresuid(5,5,5); print('changed',flush=True); time.sleep(1000)";
            try (SandboxProcess process = box.start("/usr/bin/python3", "-c", script)) {
                assertThat(process.getInputStream().read()).isEqualTo('c');
                List<ProcessHandle> family = zygote.descendants().toList();
                signal("-KILL", zygote.children().findFirst().orElseThrow());

                assertThat(process.waitFor()).isEqualTo(137);
                awaitDeath(family);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aStoppedInitOrGuardDoesNotKeepTheContainerFromBeingClosed(Kind kind) throws Exception {
        Set<ProcessHandle> before = children();
        List<ProcessHandle> family = new ArrayList<>();
        SandboxProcess process;
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            process = stubborn(kind.in(context).build());
            zygote.descendants().forEach(family::add);
            signal("-STOP", zygote.children().findFirst().orElseThrow());
        }
        process.close();
        awaitDeath(family);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aSandboxWhoseInitOrGuardIsStoppedEndsWhenItIsClosed(Kind kind) throws Exception {
        Set<ProcessHandle> before = children();
        try (Hutch context = withItsZygote()) {
            ProcessHandle zygote = zygote(before);
            SandboxProcess process = stubborn(kind.in(context).build());
            List<ProcessHandle> family = zygote.descendants().toList();
            signal("-STOP", zygote.children().findFirst().orElseThrow());

            process.close();

            awaitDeath(family);
        }
    }

    /** Its zygote is on its way then. */
    @Test
    void aContextThatIsClosedAtOnceLeavesNothing() throws Exception {
        Set<ProcessHandle> before = children();
        for (int i = 0; i < 20; i++) {
            Hutch.builder().build().close();
            assertThat(children()).isEqualTo(before);
        }
    }

    @Test
    void aClosedContextLaunchesNothing() throws Exception {
        Hutch context = withItsZygote();
        Sandbox box = Kind.INIT.in(context).build();
        context.close();
        context.close();

        assertThatThrownBy(() -> box.run("/bin/true"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("closed");
    }
}
