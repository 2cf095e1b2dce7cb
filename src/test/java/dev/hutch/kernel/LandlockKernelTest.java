// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Isolation;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Network;
import dev.hutch.spec.Outcome;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.Signal;
import dev.hutch.support.KernelTest;
import dev.hutch.support.NativeProgram;
import dev.hutch.support.Need;
import dev.hutch.support.PlainUser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Without namespaces: Landlock and the filter keep a program in, and its guard ends what it leaves. */
@KernelTest({Need.LANDLOCK, Need.GCC})
@Timeout(120)
class LandlockKernelTest extends SandboxCase {
    /** As root another zygote, which keeps the host's mounts. */
    @BeforeAll
    static void startTheOtherZygote() throws Exception {
        fenced().build().run("true");
    }

    static Sandbox.Builder fenced() {
        return sandbox().isolation(Isolation.LANDLOCK).mount(itself(inmate(), true));
    }

    private static Path inmate() {
        return NativeProgram.of("fenced");
    }

    private static Mount itself(Path path, boolean readOnly) {
        return new Mount.Bind(path, path, readOnly);
    }

    /** What the kernel answered, by deed; each comes before what it is done to. */
    private static Map<String, String> deeds(Sandbox box, String... deedsAndTargets) throws Exception {
        String[] command = Stream.concat(Stream.of(inmate().toString()), Stream.of(deedsAndTargets))
                .toArray(String[]::new);
        Map<String, String> answers = new TreeMap<>();
        for (String line : output(box, command).split("\n")) {
            answers.put(line.split(" ")[0], line.split(" ")[1]);
        }
        return answers;
    }

    /** A folder that others may enter, since root's inmates are others. */
    private static Path open(Path folder, String permissions) throws IOException {
        Files.setPosixFilePermissions(Files.createDirectories(folder), PosixFilePermissions.fromString(permissions));
        return folder;
    }

    @Test
    void theCallersFilesAreClosed(@TempDir Path temporary) throws Exception {
        Path folder = open(open(temporary, "rwxr-xr-x").resolve("secrets"), "rwxrwxrwx");
        Path secret = Files.writeString(folder.resolve("id_ed25519"), "secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-rw-rw-"));

        Map<String, String> answers = deeds(
                fenced().build(),
                "read",
                secret.toString(),
                "write",
                secret.toString(),
                "truncate",
                secret.toString(),
                "truncate-open",
                secret.toString(),
                "remove",
                secret.toString(),
                "list",
                folder.toString(),
                "create",
                folder.resolve("new").toString(),
                "mkdir",
                folder.resolve("folder").toString(),
                "link-in",
                secret.toString());

        assertThat(answers).hasSize(9).doesNotContainValue("ok").containsEntry("read", "EACCES");
        assertThat(secret).hasContent("secret");
        assertThat(folder).isDirectoryContaining(secret::equals);
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void theSandboxHasAFolderOfItsOwnThatGoesWithIt() throws Exception {
        String shown = output(fenced().build(), "sh", "-c", "echo text > $TMPDIR/x; cat x; pwd; echo $HOME");

        List<String> lines = shown.lines().toList();
        assertThat(lines.get(0)).isEqualTo("text");
        assertThat(lines.get(1)).isEqualTo(lines.get(2));
        // It is removed a moment after.
        for (int i = 0; i < 500 && Files.exists(Path.of(lines.get(1))); i++) {
            Thread.sleep(10);
        }
        assertThat(Path.of(lines.get(1))).doesNotExist();
    }

    @Test
    void aFolderIsOpenAsItWasMountedAndWhatIsBesideItIsNot(@TempDir Path temporary) throws Exception {
        open(temporary, "rwxr-xr-x");
        Path shown = open(temporary.resolve("shown"), "rwxrwxrwx");
        Path worked = open(temporary.resolve("worked"), "rwxrwxrwx");
        Path text = Files.writeString(shown.resolve("text"), "text");
        Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rw-rw-rw-"));
        Sandbox box =
                fenced().mount(itself(shown, true)).mount(itself(worked, false)).build();

        assertThat(output(box, "cat", text.toString())).isEqualTo("text");
        output(box, "sh", "-c", "echo made > " + worked.resolve("result"));
        assertThat(worked.resolve("result")).hasContent("made");
        assertThat(deeds(
                        box,
                        "write",
                        text.toString(),
                        "truncate",
                        text.toString(),
                        "truncate-open",
                        text.toString(),
                        "create",
                        shown.resolve("new").toString(),
                        "list",
                        temporary.toString()))
                .hasSize(5)
                .doesNotContainValue("ok");
        assertThat(text).hasContent("text");
    }

    @Test
    void theCallersWorkspaceIsWhereTheProgramStarts(@TempDir Path temporary) throws Exception {
        open(temporary, "rwxr-xr-x");
        Path folder = open(temporary.resolve("work"), "rwxrwxrwx");

        assertThat(output(fenced().workspace(folder).build(), "sh", "-c", "echo done > result; pwd"))
                .isEqualTo(folder + "\n");
        assertThat(folder.resolve("result")).hasContent("done");
    }

    @Test
    void noSignalOrLimitReachesAnotherProcess() throws Exception {
        Process victim = new ProcessBuilder("sleep", "1000").start();
        try {
            String pid = Long.toString(victim.pid());
            Map<String, String> answers = deeds(
                    fenced().build(),
                    "kill",
                    pid,
                    "kill-group",
                    pid,
                    "kill-all",
                    "",
                    "tgkill",
                    pid,
                    "tkill",
                    pid,
                    "sigqueue",
                    pid,
                    "pidfd",
                    pid,
                    "sigio",
                    pid,
                    "prlimit",
                    pid,
                    "nice",
                    pid);

            // It may be asked for, and does not come; and this is no failure where nobody may be met.
            answers.remove("sigio");
            answers.remove("kill-all");
            assertThat(answers).hasSize(8).doesNotContainValue("ok");
            Thread.sleep(100);
            assertThat(victim.isAlive()).isTrue();
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    @Test
    void theGuardAndTheJvmCannotBeEndedEither() throws Exception {
        SandboxResult result = fenced().build().run("sh", "-c", "kill -KILL $PPID; kill -STOP $PPID; echo on");

        assertThat(result.out()).isEqualTo("on\n");
        String jvm = Long.toString(ProcessHandle.current().pid());
        assertThat(deeds(fenced().build(), "kill", jvm, "sigqueue", jvm)).doesNotContainValue("ok");
    }

    @Test
    void noOtherProcessCanBeLookedInto() throws Exception {
        String jvm = Long.toString(ProcessHandle.current().pid());

        assertThat(deeds(fenced().build(), "ptrace", jvm, "mem", jvm, "mem-read", jvm, "environ", jvm, "fd", jvm))
                .hasSize(5)
                .doesNotContainValue("ok");
    }

    @Test
    void noSocketLeadsOut(@TempDir Path temporary) throws Exception {
        Path bus = open(temporary, "rwxrwxrwx").resolve("bus");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocketChannel session = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            session.bind(UnixDomainSocketAddress.of(bus));
            Files.setPosixFilePermissions(bus, PosixFilePermissions.fromString("rwxrwxrwx"));
            String[] deeds = {
                "tcp", Integer.toString(server.getLocalPort()),
                "unix", bus.toString(),
                "unix-send", bus.toString(),
                "unix", "@hutch-test"
            };

            assertThat(deeds(fenced().build(), deeds)).hasSize(3).doesNotContainValue("ok");
            Map<String, String> open = deeds(fenced().network(Network.HOST).build(), deeds);
            assertThat(open).containsEntry("tcp", "ok");
            assertThat(open.get("unix"))
                    .as("a session bus starts what it is asked to")
                    .isNotEqualTo("ok");
            assertThat(open.get("unix-send")).isNotEqualTo("ok");
        }
    }

    @Test
    void noMemoryIsSharedWithOtherSandboxes() throws Exception {
        assertThat(deeds(fenced().build(), "shm", "4711", "shm-open", "/hutch-test"))
                .hasSize(2)
                .doesNotContainValue("ok");
    }

    @Test
    void rightsAreGoneAndCannotComeBack() throws Exception {
        String status = output(fenced().build(), "cat", "/proc/self/status");

        assertThat(status).containsPattern("CapEff:\\s+0{16}").containsPattern("CapPrm:\\s+0{16}");
        assertThat(status).containsPattern("NoNewPrivs:\\s+1").containsPattern("Seccomp:\\s+2");
    }

    /** As root: its own files are nobody's, and nobody's files are its own. */
    @Test
    @KernelTest(Need.ROOT)
    void asRootTheProgramHasAnIdThatNobodyElseHas() throws Exception {
        Sandbox box = fenced().build();
        try (SandboxProcess one = box.start("sleep", "1000");
                SandboxProcess other = box.start("sleep", "1000")) {
            assertThat(statusIds(one.pid(), "Uid"))
                    .doesNotContain(0L)
                    .doesNotContainAnyElementsOf(statusIds(other.pid(), "Uid"));
            assertThat(statusIds(one.pid(), "Groups")).isEmpty();
        }
    }

    @Test
    void whatIsLeftInTheBackgroundEndsWithTheCommand() throws Exception {
        String name = "left" + ProcessHandle.current().pid();
        deeds(fenced().build(), "daemon", name, "daemon", name, "run-away", name, "run-away", name);

        assertThat(named(name)).isEmpty();
    }

    @Test
    void whatIsLeftEndsWithItsDeadlineToo() throws Exception {
        String name = "late" + ProcessHandle.current().pid();
        SandboxResult result = fenced().wallTime(Duration.ofSeconds(1))
                .build()
                .run("sh", "-c", inmate() + " daemon " + name + "; sleep 1000");

        assertThat(result.outcome()).isEqualTo(new Outcome.Timeout());
        assertThat(named(name)).isEmpty();
    }

    /** The zygote takes over what a guard leaves that was killed, by the host's administrator say. */
    @Test
    void ofAGuardThatIsKilledNothingStays() throws Exception {
        String name = "guard" + ProcessHandle.current().pid();
        Sandbox box = fenced().build();
        try (SandboxProcess process =
                box.start("sh", "-c", inmate() + " daemon " + name + "; echo ready; exec sleep 1000")) {
            awaitLine(process, "ready");
            assertThat(named(name)).isNotEmpty();
            ProcessHandle.of(process.pid())
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow()
                    .destroyForcibly();

            process.waitFor();
        }
        for (int i = 0; i < 500 && !named(name).isEmpty(); i++) {
            Thread.sleep(10);
        }
        assertThat(named(name)).isEmpty();
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aForkBombIsBoundedAndEnds() throws Exception {
        Path bomb = NativeProgram.of("fork_bomb");
        SandboxResult result =
                fenced().pids(24).mount(itself(bomb, true)).build().run(bomb.toString());

        assertThat(result.out()).contains("fork refused");
    }

    /** It forks on while it is being ended, faster than anybody could list its processes. */
    @Test
    @KernelTest(Need.CGROUP_ANY)
    void aForkBombThatNeverRestsEndsWithItsCommand() throws Exception {
        Path bomb = NativeProgram.of("forks_for_ever");
        SandboxResult result =
                fenced().pids(24).mount(itself(bomb, true)).build().run(bomb.toString());

        assertThat(result.exitStatus()).isZero();
        assertThat(named(bomb.getFileName().toString().substring(0, 15))).isEmpty();
    }

    /** Without a cgroup too, by the number of tasks that the user may have. */
    @Test
    @KernelTest(Need.PLAIN_USER)
    void withoutACgroupAForkBombIsBoundedToo() throws Exception {
        Path bomb = NativeProgram.of("fork_bomb");
        SandboxResult result = Sandbox.builder()
                .isolation(Isolation.LANDLOCK)
                .mount(itself(bomb, true))
                .build()
                .run(bomb.toString());

        assertThat(result.out()).contains("fork refused");
    }

    @Test
    void theResultListsWhichWallsAreMissing() throws Exception {
        SandboxResult result = fenced().build().run("true");

        List<String> missing = result.enforced().stream()
                .filter(each -> !each.enforced())
                .map(Enforced::name)
                .toList();
        assertThat(missing)
                .contains(
                        "mnt-namespace",
                        "pid-namespace",
                        "net-namespace",
                        "user-namespace",
                        "ipc-namespace",
                        "uts-namespace",
                        "disk-space");
        assertThat(missing.contains("file-attributes")).isEqualTo(!PlainUser.isRoot());
        assertThat(result.enforced().stream()
                        .filter(Enforced::enforced)
                        .map(Enforced::name)
                        .toList())
                .contains("landlock", "signals", "network", "seccomp", "no-new-privs", "rlimit-nofile");
    }

    @Test
    void endsAreToldAsInAContainer() throws Exception {
        Sandbox box = fenced().build();

        assertThat(box.run("sh", "-c", "exit 3").exitStatus()).isEqualTo(3);
        assertThat(box.run(inmate().toString(), "abort", "").outcome())
                .isEqualTo(new Outcome.Signalled(Signal.parse("ABRT")));
        assertThatThrownBy(() -> box.run("/nowhere")).hasMessageContaining("ENOENT");
        assertThat(output(box, inmate().toString(), "abort-child", "")).isEqualTo("abort-child ok\n");
    }

    @Test
    void filesGoInAndResultsComeOut() throws Exception {
        Command sort = Command.shell("sort in > out").toBuilder()
                .file("in", "b\na\n")
                .collect("out", dev.hutch.spec.Size.kibibytes(1))
                .build();
        if (PlainUser.isRoot()) {
            assertThatThrownBy(() -> fenced().build().run(sort)).hasMessageContaining("writable for others");
        } else {
            assertThat(fenced().build().run(sort).orThrow().files().text("out")).isEqualTo("a\nb\n");
        }
    }

    @Test
    @KernelTest(Need.PYTHON)
    void anInterpreterRuns() throws Exception {
        String script = "import subprocess, tempfile, threading; t = threading.Thread(target=lambda: None); t.start();"
                + " t.join(); f = tempfile.NamedTemporaryFile(); print(subprocess.check_output(['echo', '42']).decode())";

        assertThat(output(fenced().build(), "python3", "-c", script)).isEqualTo("42\n\n");
    }

    @Test
    void nobodyJoins() throws Exception {
        Sandbox box = fenced().build();
        assertThatThrownBy(box::session).hasMessageContaining("landlock");
        try (SandboxProcess process = box.start("sleep", "1000")) {
            assertThatThrownBy(() -> process.exec("true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("landlock");
            Path host = Path.of("/etc/hostname");
            assertThatThrownBy(() -> process.copyIn(host, Path.of("/tmp/x"))).hasMessageContaining("landlock");
            assertThatThrownBy(() -> process.copyOut(host, Path.of("/tmp/x"), dev.hutch.spec.Size.kibibytes(1)))
                    .hasMessageContaining("landlock");
        }
    }

    /** Of that name, anywhere on the machine. */
    private static List<String> named(String name) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(path -> path.resolve("comm"))
                    .filter(comm -> contains(comm, name))
                    .map(Path::toString)
                    .collect(Collectors.toList());
        }
    }

    private static boolean contains(Path comm, String name) {
        try {
            return Files.readString(comm).strip().equals(name);
        } catch (IOException e) {
            return false;
        }
    }
}
