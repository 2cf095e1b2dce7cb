// SPDX-License-Identifier: Apache-2.0
package dev.hutch.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.support.CgroupMachine;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Something has run out, or was never there: the error names it, nobody waits for ever, and all works again after. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.CGROUP_ANY})
@Timeout(120)
class ExhaustionFaultTest extends FaultCase {
    private static final CgroupMachine MACHINE = CgroupMachine.here();
    private static final Path PROGRAMS = Path.of("src/test/resources/programs").toAbsolutePath();

    /** A JVM that has launched once, so that all of its threads are there. */
    private static StarvedJvm warm() throws IOException {
        StarvedJvm jvm = StarvedJvm.start(List.of());
        assertThat(jvm.ask("run")).isEqualTo("exited");
        assertThat(jvm.ask("run")).isEqualTo("exited");
        jvm.ask("mark");
        return jvm;
    }

    private static Path cgroup(String controller, String name) throws IOException {
        Path mount =
                MACHINE.isV1() ? MACHINE.v1().get(controller) : MACHINE.v2().orElseThrow();
        return Files.createDirectory(
                mount.resolve(name + ProcessHandle.current().pid()));
    }

    private static void move(ProcessHandle process, Path cgroup) throws IOException {
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
    }

    @Test
    void withoutProcessesTheErrorNamesTheLimit() throws Exception {
        Path own = cgroup("pids", "starved-pids-");
        try (StarvedJvm jvm = warm()) {
            ProcessHandle zygote = jvm.zygote();
            move(zygote, own);
            Files.writeString(own.resolve("pids.max"), "1");

            assertThat(jvm.ask("run")).contains("clone3: EAGAIN", "limit of processes", "pids.max");

            Files.writeString(own.resolve("pids.max"), "max");
            assertThat(jvm.ask("run")).isEqualTo("exited");
            assertThat(jvm.ask("look")).isEqualTo("[]");
        } finally {
            remove(own);
        }
    }

    /** Where not even a thread can be made. */
    @Test
    void aJvmThatMayMakeNoThreadLosesNothing() throws Exception {
        Path own = cgroup("pids", "starved-threads-");
        try (StarvedJvm jvm = warm()) {
            move(jvm.handle(), own);
            move(jvm.zygote(), own);
            Files.writeString(own.resolve("pids.max"), "1");

            assertThat(jvm.ask("run")).contains("EAGAIN");
            assertThat(jvm.ask("run files")).contains("EAGAIN");

            Files.writeString(own.resolve("pids.max"), "max");
            assertThat(jvm.ask("run")).isEqualTo("exited");
            assertThat(jvm.ask("run files")).isEqualTo("text");
            assertThat(jvm.ask("look")).isEqualTo("[]");
        } finally {
            remove(own);
        }
    }

    @Test
    void aZygoteWithoutMemoryIsAClearErrorOrReplaced() throws Exception {
        Path own = cgroup("memory", "starved-memory-");
        try (StarvedJvm jvm = warm()) {
            move(jvm.zygote(), own);
            Files.writeString(own.resolve(MACHINE.isV1() ? "memory.limit_in_bytes" : "memory.max"), "65536");

            for (int i = 0; i < 3; i++) {
                assertThat(jvm.ask("run")).matches("exited|.*(ENOMEM|zygote|start again|killed during its set-up).*");
            }

            Files.writeString(
                    own.resolve(MACHINE.isV1() ? "memory.limit_in_bytes" : "memory.max"),
                    MACHINE.isV1() ? "-1" : "max");
            assertThat(jvm.ask("run")).isEqualTo("exited");
        } finally {
            remove(own);
        }
    }

    /** On a file system of its own, a page large, over the folder of lock files. */
    @Test
    void aFullDiskUnderTheLockFilesIsAClearErrorAndNothingIsHalfWritten() throws Exception {
        String script = "mount -t tmpfs -o size=8k,mode=700 tmpfs /run/hutch && exec \"$0\" \"$@\"";
        try (StarvedJvm jvm =
                StarvedJvm.start(List.of("unshare", "-m", "--propagation", "private", "sh", "-c", script))) {
            Path folder = Path.of("/proc", Long.toString(jvm.handle().pid()), "root/run/hutch");
            jvm.ask("mark");
            fill(folder.resolve("ballast"));

            assertThat(jvm.ask("run")).contains("ENOSPC", "/run/hutch", "make room");

            Files.delete(folder.resolve("ballast"));
            assertThat(jvm.ask("run")).isEqualTo("exited");
            assertThat(jvm.ask("run files")).isEqualTo("text");
            try (Stream<Path> locks = Files.list(folder.resolve("cgroups"))) {
                assertThat(locks)
                        .isNotEmpty()
                        .allSatisfy(lock -> assertThat(lock).content().contains("/hutch/" + lock.getFileName()));
            }
        }
    }

    private static void fill(Path ballast) throws IOException {
        try {
            Files.write(ballast, new byte[1 << 20]);
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space");
        }
    }

    @Test
    void aFullDiskUnderTheTemporaryFolderIsAClearError() throws Exception {
        Path folder = Files.createTempDirectory("full-");
        Process mounted =
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.toString()).start();
        assertThat(mounted.waitFor()).isZero();
        try {
            fill(folder.resolve("ballast"));
            try (StarvedJvm jvm = StarvedJvm.start(List.of(), "-Djava.io.tmpdir=" + folder)) {
                assertThat(jvm.ask("run"))
                        .contains("can't load Hutch's native library from folder " + folder, "-Dhutch.tmpdir=");
            }
            try (StarvedJvm jvm = StarvedJvm.start(
                    List.of(),
                    "-Djava.io.tmpdir=" + folder,
                    "-Dhutch.tmpdir=" + System.getProperty("java.io.tmpdir"))) {
                assertThat(jvm.ask("run")).isEqualTo("exited");
                assertThat(jvm.ask("run files")).contains("ENOSPC", "java.io.tmpdir");
                Files.delete(folder.resolve("ballast"));
                assertThat(jvm.ask("run files")).isEqualTo("text");
                assertThat(folder).isEmptyDirectory();
            }
        } finally {
            new ProcessBuilder("umount", folder.toString()).start().waitFor();
            Files.delete(folder);
        }
    }

    /** What was asked for is an error; a default is left out. */
    @Test
    void cgroupsThatCannotBeWrittenAreNamed() throws Exception {
        String script = "for i in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/self/mounts); do mount --bind -o ro $i $i"
                + " && mount -o remount,bind,ro $i || exit 1; done; exec \"$0\" \"$@\"";
        try (StarvedJvm jvm =
                StarvedJvm.start(List.of("unshare", "-m", "--propagation", "private", "sh", "-c", script))) {
            jvm.ask("mark");
            assertThat(jvm.ask("run")).isEqualTo("exited");
            assertThat(jvm.ask("run limited")).contains("memory", "EROFS");
            assertThat(jvm.ask("run")).isEqualTo("exited");
        }
    }

    /** Numbers of x86-64. Without clone3 (435) sandboxes run all the same: OuterFilterFaultTest. */
    @ParameterizedTest
    @CsvSource({
        "437, open /proc/self/status: ENOSYS",
        "434, pidfd_open",
        "436, close_range",
        "428, open_tree: ENOSYS",
        "429, mount tmpfs on /: ENOSYS",
        "442, mount_setattr: ENOSYS",
        "319, memfd_create hutch-zygote: ENOSYS"
    })
    @KernelTest({Need.X86_64, Need.PYTHON})
    void aSystemCallThatDoesNotExistIsNamed(String number, String words) throws Exception {
        List<String> without =
                List.of("/usr/bin/python3", PROGRAMS.resolve("enosys.py").toString(), number);
        try (StarvedJvm jvm = StarvedJvm.start(without)) {
            for (int i = 0; i < 2; i++) {
                assertThat(jvm.ask("run")).contains(words, "a seccomp filter outside of Hutch");
            }
        }
    }

    private static void remove(Path cgroup) throws Exception {
        while (!Files.readString(cgroup.resolve("cgroup.procs")).isEmpty()) {
            Thread.sleep(5);
        }
        Files.delete(cgroup);
    }
}
