// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Hutch;
import dev.hutch.Sandbox;
import dev.hutch.SandboxListener;
import dev.hutch.SandboxProcess;
import dev.hutch.SandboxSession;
import dev.hutch.spec.Command;
import dev.hutch.spec.Limit;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.RunningSandbox;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Size;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.OtherJvm;
import dev.hutch.support.QuietLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of sandboxes is told to listeners and to the flight recorder. */
@ExtendWith(QuietLog.class)
@KernelTest({Need.CGROUP_ANY, Need.USER_NAMESPACES, Need.GCC})
class EventsKernelTest extends SandboxCase {
    private static final String HOG = "head -c 100000000 /dev/zero | tail -c 100000000 > /dev/null";

    /** Notes the calls, in words. */
    private static class Notes implements SandboxListener {
        final List<String> all = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch over = new CountDownLatch(1);
        final CountDownLatch outOfMemory = new CountDownLatch(1);
        final CountDownLatch limit = new CountDownLatch(1);
        final AtomicLong kills = new AtomicLong();
        final AtomicLong counted = new AtomicLong();

        @Override
        public void started(RunningSandbox sandbox) {
            all.add("started " + sandbox.spec().name());
        }

        @Override
        public void outOfMemory(RunningSandbox sandbox, long kills) {
            all.add("out of memory");
            this.kills.addAndGet(kills);
            outOfMemory.countDown();
        }

        @Override
        public void limit(RunningSandbox sandbox, Limit what, long hits) {
            all.add("limit " + what);
            limit.countDown();
        }

        @Override
        public void limit(RunningSandbox sandbox, Outcome outcome) {
            all.add("limit " + outcome.word());
        }

        @Override
        public void exited(RunningSandbox sandbox, SandboxResult result) {
            all.add("exited " + result.exitStatus());
            counted.set(result.account().oomKills());
            over.countDown();
        }
    }

    private static List<String> told(Notes notes, Sandbox.Builder box, String script) throws Exception {
        try (Hutch context = Hutch.builder().listener(notes).build()) {
            box.context(context).name("box").build().run("/bin/sh", "-c", script);
            notes.over.await();
        }
        return List.copyOf(notes.all);
    }

    @Test
    void aListenerIsToldTheStartAndTheEnd() throws Exception {
        assertThat(told(new Notes(), sandbox(), "exit 3")).containsExactly("started box", "exited 3");
    }

    @Test
    void aListenerIsToldWhichLimitEndedIt() throws Exception {
        assertThat(told(new Notes(), sandbox().wallTime(Duration.ofMillis(50)), "while :; do :; done"))
                .containsExactly("started box", "limit timeout", "exited 124");
    }

    @Test
    void aListenerIsToldThatMemoryRanOut() throws Exception {
        assertThat(told(new Notes(), sandbox().memory(Size.mebibytes(32)), HOG))
                .containsSubsequence("started box", "out of memory")
                .last()
                .asString()
                .startsWith("exited");
    }

    @Test
    void limitsThatAreMetAreToldWhileTheSandboxRuns() throws Exception {
        Notes notes = new Notes();
        try (Hutch context = Hutch.builder().listener(notes).build();
                SandboxProcess process = sandbox()
                        .context(context)
                        .name("box")
                        .memory(Size.mebibytes(32))
                        .pids(8)
                        .build()
                        .start(
                                "/bin/sh",
                                "-c",
                                HOG + "; (for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done); read end")) {
            notes.outOfMemory.await();
            notes.limit.await();
            assertThat(process.isAlive()).isTrue();
            process.close();
            notes.over.await();
        }
        assertThat(notes.all).startsWith("started box").last().asString().startsWith("exited");
        assertThat(notes.kills.get()).as("each told once").isPositive().isEqualTo(notes.counted.get());
    }

    @Test
    void aListenerThatThrowsHarmsNothing() throws Exception {
        Notes notes = new Notes() {
            @Override
            public void started(RunningSandbox sandbox) {
                super.started(sandbox);
                throw new IllegalStateException("on purpose");
            }
        };

        assertThat(told(notes, sandbox(), "exit 3")).containsExactly("started box", "exited 3");
    }

    @Test
    void theFlightRecorderHasTheLaunchItsPhasesAndTheAccount(@TempDir Path folder) throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.enable("dev.hutch.Launch");
            recording.enable("dev.hutch.Exit");
            recording.enable("dev.hutch.OutOfMemory");
            recording.start();
            told(new Notes(), sandbox().memory(Size.mebibytes(32)), HOG + "; exit 3");
            recording.stop();
            recording.dump(folder.resolve("events.jfr"));
            events = RecordingFile.readAllEvents(folder.resolve("events.jfr"));
        }

        assertThat(events)
                .extracting(event -> event.getEventType().getName())
                .containsExactlyInAnyOrder("dev.hutch.Launch", "dev.hutch.OutOfMemory", "dev.hutch.Exit");
        assertThat(named(events, "dev.hutch.Launch").getDuration("total"))
                .isGreaterThan(named(events, "dev.hutch.Launch").getDuration("fork"));
        RecordedEvent exit = named(events, "dev.hutch.Exit");
        assertThat(exit.getInt("exitStatus")).isEqualTo(3);
        assertThat(exit.getString("name")).isEqualTo("box");
        assertThat(exit.getLong("peakMemory")).isPositive();
        assertThat(exit.getLong("oomKills")).isPositive();
        assertThat(exit.getLong("voluntarySwitches") + exit.getLong("involuntarySwitches"))
                .isPositive();
        assertThat(exit.getLong("bytesWritten")).isGreaterThanOrEqualTo(-1);
        assertThat(exit.getLong("containerPid")).isEqualTo(exit.getLong("sandboxPid"));
    }

    @Test
    void aListenerIsToldOfCommandsThatJoinWhichContainerTheyAreIn() throws Exception {
        Joiners notes = new Joiners();
        long container;
        long joined;
        try (Hutch context = Hutch.builder().listener(notes).build()) {
            try (SandboxProcess first = sandbox().context(context).build().start("cat");
                    SandboxProcess second = first.exec(Command.builder("sleep", "100")
                            .wallTime(Duration.ofMillis(50))
                            .build())) {
                container = first.pid();
                joined = second.pid();
                assertThat(second.result().outcome()).isEqualTo(new Outcome.Timeout());
                notes.over.await();
            }
        }
        assertThat(notes.joined)
                .containsExactly(
                        "started " + joined + " in " + container,
                        "limit " + joined + " in " + container + " timeout",
                        "exited " + joined + " in " + container + " 124");
    }

    @Test
    void aSessionsCallsAreToldAndItsContainersKillsOnce() throws Exception {
        Joiners notes = new Joiners();
        try (Hutch context = Hutch.builder().listener(notes).build()) {
            try (SandboxSession session = sandbox()
                    .context(context)
                    .memory(Size.mebibytes(32))
                    .build()
                    .session()) {
                session.run("/bin/sh", "-c", HOG + "; exit 3");
                notes.over.await();
            }
            notes.gone.await();
        }
        assertThat(notes.joined).hasSize(2).last().asString().endsWith(" 3");
        assertThat(notes.kills.get()).as("by its container").isEqualTo(notes.counted.get());
        assertThat(notes.killsOfWhoJoined.get()).isZero();
    }

    /** Notes who joined, and where. */
    private static final class Joiners extends Notes {
        final List<String> joined = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch gone = new CountDownLatch(1);
        final AtomicLong killsOfWhoJoined = new AtomicLong();

        private void note(String event, RunningSandbox sandbox, String more) {
            if (sandbox.joined()) {
                joined.add(event + " " + sandbox.pid() + " in " + sandbox.containerPid() + more);
            }
        }

        @Override
        public void started(RunningSandbox sandbox) {
            note("started", sandbox, "");
        }

        @Override
        public void limit(RunningSandbox sandbox, Outcome outcome) {
            note("limit", sandbox, " " + outcome.word());
        }

        @Override
        public void outOfMemory(RunningSandbox sandbox, long kills) {
            super.outOfMemory(sandbox, kills);
            killsOfWhoJoined.addAndGet(sandbox.joined() ? kills : 0);
        }

        @Override
        public void exited(RunningSandbox sandbox, SandboxResult result) {
            note("exited", sandbox, " " + result.exitStatus());
            if (sandbox.joined()) {
                over.countDown();
            } else {
                counted.set(result.account().oomKills());
                gone.countDown();
            }
        }
    }

    private static RecordedEvent named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @KernelTest(Need.ROOT)
    void withoutTheFlightRecorderModuleASandboxRunsAllTheSame() throws Exception {
        Process other = OtherJvm.start(List.of("--limit-modules", "java.base"), WithoutRecorder.class);

        assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("false 0\n");
        assertThat(other.waitFor()).isZero();
    }

    @Test
    @KernelTest(Need.ROOT)
    void nothingOfTheFlightRecorderIsLoadedBeforeItRuns() throws Exception {
        Process other = OtherJvm.start(List.of("-Xlog:class+load"), WithoutRecorder.class);
        String loaded = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(loaded).contains("true 0\n").contains("dev.hutch.internal.jfr.Recorder");
        assertThat(loaded.lines().filter(line -> line.contains(" jdk.jfr.") || line.contains("hutch.internal.jfr.")))
                .as("the recorder's flag and who asks it")
                .hasSizeLessThanOrEqualTo(3);
    }

    /** Runs one program: whether there is a recorder, and the exit status. */
    static final class WithoutRecorder {
        public static void main(String[] arguments) throws IOException, InterruptedException {
            int status = Sandbox.builder().build().run("/bin/true").exitStatus();
            boolean there = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
            System.out.print(there + " " + status + "\n");
        }
    }
}
