// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Command;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root file systems that an attacker made: each test is a row of other runtimes' history. */
@KernelTest({Need.ROOT, Need.USER_NAMESPACES, Need.BUSYBOX, Need.GCC})
class HostileRootKernelTest extends SandboxCase {
    private static final int ROUNDS = Rounds.of(150);

    private Path root = Path.of("/nonexistent");
    private Path canary = Path.of("/nonexistent");

    @BeforeEach
    void makeARootAndACanary(@TempDir Path folder) throws IOException {
        root = BusyboxRoot.copyTo(folder);
        canary = Files.createDirectory(folder.resolve("canary"));
        Files.writeString(canary.resolve("file"), "untouched");
    }

    @AfterEach
    void theCanaryIsUntouched() throws IOException {
        try (var files = Files.list(canary)) {
            assertThat(files).as("nothing made outside the root").containsExactly(canary.resolve("file"));
        }
        assertThat(canary.resolve("file")).hasContent("untouched");
    }

    @Test
    void cve_2019_16884_aProcThatIsASymlinkIsRefused() throws Exception {
        Files.delete(root.resolve("proc"));
        Files.createSymbolicLink(root.resolve("proc"), Path.of("etc"));

        assertThatThrownBy(() -> box().build().run("/bin/inside", "report"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("/proc");
    }

    @Test
    void cve_2023_27561_aProcThatIsALinkToTheHostIsRefused() throws Exception {
        Files.delete(root.resolve("proc"));
        Files.createSymbolicLink(root.resolve("proc"), canary);

        assertThatThrownBy(() -> box().build().run("/bin/inside", "report")).isInstanceOf(SandboxException.class);
    }

    @Test
    void cve_2025_52881_aVolumeOverProcIsRefused() {
        assertThatThrownBy(() -> box().mount(new Mount.Bind(canary, Path.of("/proc"), true))
                        .build()
                        .run("/bin/inside", "report"))
                .isInstanceOfAny(SandboxException.class, IllegalArgumentException.class)
                .hasMessageContaining("/proc");
    }

    @Test
    void cve_2025_52881_aVolumeThatALinkOfTheRootsLeadsOverProcIsRefused() throws Exception {
        for (String link : new String[] {"proc", "proc/self", "proc/sys/net", "proc/1/root/proc"}) {
            Files.createSymbolicLink(root.resolve("data"), Path.of(link));
            assertThatThrownBy(() -> box().mount(new Mount.Bind(canary, Path.of("/data"), true))
                            .build()
                            .run("/bin/inside", "report"))
                    .as(link)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("/data");
            Files.delete(root.resolve("data"));
        }
    }

    @Test
    void cve_2019_16884_aFifoOrAFileWhereAFileSystemIsMountedIsRefusedAndHoldsNothingUp() throws Exception {
        for (String name : new String[] {"proc", "sys", "dev", "tmp"}) {
            Path point = root.resolve(name);
            FileUtils.deleteDirectory(point.toFile());
            Tool.run("mkfifo", point.toString());
            assertThatThrownBy(() -> box().build().run("/bin/inside", "report"))
                    .as(name)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("/" + name);
            Files.delete(point);
            Files.createDirectory(point);
        }
    }

    @Test
    void cve_2019_5736_aProgramThatLinksToTheOneThatRunsItIsNotTheHosts() throws Exception {
        Files.createSymbolicLink(root.resolve("bin/self"), Path.of("/proc/self/exe"));
        Files.createSymbolicLink(root.resolve("bin/outer"), Path.of("/proc/1/exe"));

        assertThat(box().build().run("/bin/self", "x").exitStatus())
                .as("the sealed zygote, which does nothing here")
                .isEqualTo(125);
        assertThatThrownBy(() -> box().build().run("/bin/outer", "x")).isInstanceOf(SandboxException.class);
    }

    @Test
    void cve_2025_31133_masksAreTheNullDeviceWhateverTheImageCallsIt() throws Exception {
        Files.createSymbolicLink(root.resolve("dev/null"), canary.resolve("file"));

        assertThat(output(box().build(), "/bin/stat", "-c", "%t:%T", "/dev/null", "/proc/keys"))
                .isEqualTo("1:3\n1:3\n");
    }

    @Test
    void cve_2025_52565_theTerminalIsTheOneThatWasMadeWhateverTheImageHasInItsPlace() throws Exception {
        Files.createDirectories(root.resolve("dev/pts"));
        for (String name : new String[] {"dev/console", "dev/tty", "dev/ptmx", "dev/pts/0", "dev/pts/ptmx"}) {
            Files.createSymbolicLink(root.resolve(name), canary.resolve("file"));
        }
        String script = "for i in 0 1 2; do test -t $i && echo tty $i; done; echo seen >/dev/tty;"
                + " grep console /proc/self/mountinfo";
        Command shell = Command.shell(script).toBuilder().terminal(80, 24).build();

        assertThat(box().build().run(shell).out()).isEqualTo("tty 0\r\ntty 1\r\ntty 2\r\nseen\r\n");
    }

    @Test
    void cve_2026_41579_aDevThatLinksToTheHostMakesNothingThere() throws Exception {
        FileUtils.deleteDirectory(root.resolve("dev").toFile());
        Files.createSymbolicLink(root.resolve("dev"), canary);

        runsOrIsRefused(box().build());
    }

    @Test
    void cve_2025_24965_filesWrittenIntoTheRootFollowNoSymlink() throws Exception {
        for (String name : new String[] {"hosts", "hostname", "resolv.conf", "mtab"}) {
            Files.createSymbolicLink(root.resolve("etc").resolve(name), canary.resolve("file"));
        }
        for (String name : new String[] {"passwd", "group"}) {
            Files.delete(root.resolve("etc").resolve(name));
            Files.createSymbolicLink(root.resolve("etc").resolve(name), canary.resolve("file"));
        }
        runsOrIsRefused(box().build());
    }

    @Test
    void cve_2026_87766_aMountTargetBelowALinkOutOfTheRootStaysInside() throws Exception {
        Files.createSymbolicLink(root.resolve("a"), Path.of("/../../../../../../../../.." + canary));

        runsOrIsRefused(box().mount(new Mount.Tmpfs(Path.of("/a/b"), Size.mebibytes(1), 0755))
                .build());
    }

    @Test
    @KernelTest(Need.IDMAP_HERE)
    void cve_2026_87766_anOrdinaryLinkInsideTheRootKeepsWorking() throws Exception {
        Sandbox box = box().mount(new Mount.Tmpfs(Path.of("/var/run/app"), Size.mebibytes(1), 01777))
                .build();

        assertThat(output(box, "/bin/sh", "-c", "touch /run/app/file && ls /var/run/app"))
                .isEqualTo("file\n");
    }

    @Test
    void cve_2021_30465_aTargetExchangedForASymlinkInARaceMountsNothingOutside() throws Exception {
        race(new Mount.Tmpfs(Path.of("/flip/deep"), Size.mebibytes(1), 0755));
        assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                .noneMatch(line -> line.contains(canary.toString()));
    }

    /** The mount point of a file is an empty file, that of a folder a folder. */
    @Test
    void cve_2024_45310_aMountPointMadeInARaceIsNoFileOfTheHosts() throws Exception {
        race(new Mount.Bind(root.resolve("bin/busybox"), Path.of("/flip/made"), true));
        race(new Mount.Bind(root.resolve("bin"), Path.of("/flip/made/of/folders"), true));
    }

    /** Launches while the target's parent is by turns a folder and a link to the canary. */
    private void race(Mount mount) throws Exception {
        Path target = root.resolve("flip");
        AtomicBoolean done = new AtomicBoolean();
        Thread flipper = new Thread(() -> flip(target, done), "flipper");
        flipper.start();
        try {
            Sandbox box = box().mount(mount).build();
            for (int i = 0; i < ROUNDS; i++) {
                runsOrIsRefused(box);
            }
        } finally {
            done.set(true);
            flipper.join();
        }
    }

    @Test
    void cve_2024_21626_aWorkingDirectoryThroughADescriptorIsRefused() throws Exception {
        Files.createSymbolicLink(root.resolve("via"), Path.of("proc/self/fd"));
        for (int fd = 0; fd < 20; fd++) {
            for (String way : new String[] {"/dev/fd/", "/via/"}) {
                Command command = Command.builder("/bin/inside", "report")
                        .directory(Path.of(way + fd))
                        .build();
                assertThatThrownBy(() -> box().build().run(command))
                        .as(way + fd)
                        .isInstanceOf(SandboxException.class);
            }
        }
    }

    /** Where systemd runs, all the host's mounts are shared ones: what is mounted in a copy of them appears in them. */
    @Test
    void mountsInARootOnASharedMountOfTheHostsDoNotShowOnTheHost(@TempDir Path volume) throws Exception {
        Tool.run("mount", "--bind", root.toString(), volume.toString());
        try {
            Tool.run("mount", "--make-shared", volume.toString());
            Sandbox.Builder shared = Sandbox.builder().rootfs(new Rootfs.Directory(volume, false, false));
            try (SandboxProcess sleeper = shared.mount(new Mount.Bind(volume, Path.of("/tmp/again"), false))
                    .build()
                    .start("/bin/sh", "-c", "cat /proc/self/mountinfo; echo; exec sleep 60")) {
                var seen = sleeper.inputReader().lines().takeWhile(line -> !line.isEmpty());

                assertThat(seen).noneMatch(line -> line.contains("shared:") || line.contains("master:"));
                assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                        .noneMatch(line -> line.contains(volume + "/"));
            }
        } finally {
            Tool.run("umount", "-l", volume.toString());
        }
    }

    @Test
    void aBrokenProgramOfTheRootsIsNoReasonToRunTheHosts() throws Exception {
        Files.delete(root.resolve("bin/echo"));

        assertThatThrownBy(() -> box().build().run("/bin/echo", "x")).isInstanceOf(SandboxException.class);
    }

    private Sandbox.Builder box() {
        return Sandbox.builder().rootfs(new Rootfs.Directory(root, false, false));
    }

    private static void runsOrIsRefused(Sandbox box) throws Exception {
        try {
            assertThat(box.run("/bin/inside", "exit", "0").exitStatus()).isZero();
        } catch (SandboxException refused) {
            assertThat(refused.operation()).isNotBlank();
        }
    }

    private void flip(Path target, AtomicBoolean done) {
        while (!done.get()) {
            try {
                Files.createSymbolicLink(target, canary);
                Files.delete(target);
                Files.createDirectory(target);
                FileUtils.deleteDirectory(target.toFile());
            } catch (FileAlreadyExistsException | NoSuchFileException e) {
                FileUtils.deleteQuietly(target.toFile());
            } catch (IOException e) {
                // The launch made something below the folder between our two calls: the next turn clears it.
                Thread.yield();
            }
        }
    }
}
