// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Command;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxResult;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.Delegation;
import dev.hutch.support.Inside;
import dev.hutch.support.LeavesNothing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;

/** What kernel tests share: sandboxes that hold the probe, and the check that no test leaves anything on the host. */
abstract class SandboxCase extends LeavesNothing {
    static final String PROBE = Inside.DESTINATION.toString();

    /** The zygote and what comes with it live as long as the JVM: they are no leftovers of the first test. */
    @BeforeAll
    static void startTheZygote() throws Exception {
        // Until its time is up: the thread that watches deadlines has started then, which a shorter program may outrun.
        probed().wallTime(Duration.ofMillis(50)).build().run(PROBE, "wait");
    }

    /** The default view of the host, with the probe. */
    static Sandbox.Builder probed() {
        return sandbox().mount(new Mount.Bind(Inside.program(), Inside.DESTINATION, true));
    }

    /** Below the delegated cgroup where the user at hand has one. */
    static Sandbox.Builder sandbox() {
        Sandbox.Builder builder = Sandbox.builder();
        Delegation.here().ifPresent(path -> builder.cgroupParent(new CgroupParent.Below(path)));
        return builder;
    }

    /** A busybox root, which has the probe as /bin/inside. */
    static Sandbox.Builder busybox() {
        return in(BusyboxRoot.path());
    }

    static Sandbox.Builder in(Path root) {
        return sandbox().rootfs(new Rootfs.Directory(root, true, false));
    }

    /** The program's output; that it ended well is checked. */
    static String output(Sandbox box, String... command) throws Exception {
        SandboxResult result = box.run(command);
        assertThat(result.exitStatus())
                .as("%s: %s\n%s%s", String.join(" ", command), result.outcome(), result.out(), result.err())
                .isZero();
        return result.out();
    }

    /** What a command in the default walls wrote, which must succeed. */
    static List<String> lines(Command command) throws Exception {
        return lines(sandbox().build(), command);
    }

    static List<String> lines(Sandbox box, Command command) throws Exception {
        SandboxResult result = box.run(command);
        assertThat(result.succeeded())
                .as(result.outcome() + result.out() + result.err())
                .isTrue();
        return result.out().lines().toList();
    }

    static Inside report(Sandbox box) throws Exception {
        return Inside.parse(output(box, PROBE, "report"));
    }

    /** What the kernel answered to each deed. */
    static Inside attempt(Sandbox box, String... deeds) throws Exception {
        return Inside.parse(output(
                box, Stream.concat(Stream.of(PROBE, "try"), Stream.of(deeds)).toArray(String[]::new)));
    }

    static String answer(Sandbox box, String deed) throws Exception {
        return attempt(box, deed).answer(deed);
    }

    /** Reads the process's output up to the line, and no further: then it has come that far. */
    static void awaitLine(SandboxProcess process, String line) throws IOException {
        String next;
        do {
            next = readLine(process.getInputStream());
        } while (next != null && !next.equals(line));
        assertThat(next).as("the line waited for").isEqualTo(line);
    }

    private static @Nullable String readLine(InputStream output) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = output.read();
        for (; next >= 0 && next != '\n'; next = output.read()) {
            line.write(next);
        }
        return next < 0 ? null : line.toString(StandardCharsets.UTF_8);
    }

    /** The inode of a namespace of a process, as the host sees it. */
    static String namespace(long pid, String name) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", name))
                .toString();
    }

    static String ownNamespace(String name) throws IOException {
        return namespace(ProcessHandle.current().pid(), name);
    }

    /** A field of /proc/PID/status on the host's side. */
    static List<Long> statusIds(long pid, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .flatMap(line ->
                        Stream.of(line.substring(field.length() + 1).strip().split("\\s+")))
                .filter(word -> !word.isEmpty())
                .map(Long::valueOf)
                .toList();
    }
}
