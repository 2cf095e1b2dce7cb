// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.Sandbox;
import dev.hutch.SandboxProcess;
import dev.hutch.spec.Allow;
import dev.hutch.spec.Capability;
import dev.hutch.spec.Command;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.SandboxResult;
import dev.hutch.spec.SeccompProfile;
import dev.hutch.spec.Stdio;
import dev.hutch.spec.User;
import dev.hutch.support.AsPlainUser;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.KernelTest;
import dev.hutch.support.Need;
import dev.hutch.support.Rounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program inside as its worst: what it leaves on the host, what it takes from others, what it kills. */
@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class HostileKernelTest extends SandboxCase {
    private static final int ROUNDS = Rounds.of(150);

    @Test
    void aFolderThatOthersReachTakesNoSetIdFileNorFileCapability() throws Exception {
        Path open = Files.createTempDirectory("hutch-open");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Sandbox.Builder workspace = probed().workspace(open);
            for (Sandbox.Builder box : List.of(
                    workspace.build().toBuilder().allow(Allow.SET_ID_BITS),
                    workspace.build().toBuilder().allow(Allow.IO_URING),
                    workspace.build().toBuilder().seccomp(new SeccompProfile.Unconfined()),
                    workspace.build().toBuilder().user(User.of(0)).capabilities(Set.of(Capability.SETFCAP)),
                    probed().mount(new Mount.Bind(open, Path.of("/data"), false))
                            .allow(Allow.SET_ID_BITS))) {
                assertThatThrownBy(() -> box.build().run(PROBE, "exit", "0"))
                        .isInstanceOf(SandboxException.class)
                        .hasMessageContaining(open.toString())
                        .hasMessageContaining("chmod 700");
            }
        } finally {
            FileUtils.deleteDirectory(open.toFile());
        }
    }

    @Test
    void aLinkInAClosedFolderDoesNotHideThatItsTargetIsOpen() throws Exception {
        Path open = Files.createTempDirectory("hutch-open");
        Path closed = Files.createTempDirectory("hutch-closed");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Path link = Files.createSymbolicLink(closed.resolve("link"), open);
            Sandbox box = probed().workspace(link).allow(Allow.SET_ID_BITS).build();

            assertThatThrownBy(() -> box.run(PROBE, "exit", "0")).isInstanceOf(SandboxException.class);
        } finally {
            FileUtils.deleteDirectory(closed.toFile());
            FileUtils.deleteDirectory(open.toFile());
        }
    }

    @Test
    void aFolderThatIsTheCallersAloneMayHaveSetIdBits() throws Exception {
        Path closed = Files.createTempDirectory("hutch-closed");
        try {
            Sandbox box = probed().workspace(closed).allow(Allow.SET_ID_BITS).build();

            assertThat(box.run(PROBE, "exit", "0").exitStatus()).isZero();
        } finally {
            FileUtils.deleteDirectory(closed.toFile());
        }
    }

    @Test
    void theHostsMemoryRunningOutEndsTheSandboxBeforeTheJvm() throws Exception {
        assertThat(output(probed().build(), "/bin/cat", "/proc/self/oom_score_adj", "/proc/1/oom_score_adj"))
                .isEqualTo("1000\n1000\n");
    }

    @Test
    @KernelTest(Need.PYTHON)
    void oneSandboxCannotTakeTheTerminalsOfAllOthers() throws Exception {
        String open = """
                import os
                try:
                    while True: os.open('/dev/ptmx', os.O_RDWR)
                except OSError as e: print(e.errno)
                print(len(os.listdir('/dev/pts')) < 300)
                """;

        assertThat(output(sandbox().build(), "/usr/bin/python3", "-c", open)).isEqualTo("28\nTrue\n");
    }

    @Test
    @KernelTest({Need.BUSYBOX, Need.ROOT})
    void nothingCanBeMadeBesideTheControlGroupsOfARoot() throws Exception {
        Sandbox box = busybox().user(User.of(0)).build();
        SandboxResult result = box.run("/bin/inside", "try", "mkdir:/sys/fs/cgroup/own");

        assertThat(result.out()).contains("=EROFS");
    }

    @Test
    @AsPlainUser
    @KernelTest(Need.PLAIN_USER)
    void withoutControlGroupsAForkBombIsStoppedAllTheSame() throws Exception {
        Sandbox box = Sandbox.builder().build();
        SandboxResult result =
                box.run("/bin/sh", "-c", "i=0; while [ $i -lt 200 ]; do sleep 60 & i=$((i + 1)); done; echo all");

        assertThat(result.exitStatus()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @Test
    @AsPlainUser
    @KernelTest({Need.PLAIN_USER, Need.BUSYBOX, Need.OVERLAY})
    void cve_2024_42472_anOverlayOnALinkOfTheRootsIsMadeOfNothingOfTheHosts() throws Exception {
        // Not below /tmp, which the sandbox has its own of: the link must lead to a folder there as well as here.
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "hutch-root");
        try {
            Path root = BusyboxRoot.copyTo(folder);
            Path secret = Files.createDirectory(folder.resolve("secret"));
            Files.writeString(secret.resolve("key"), "host");
            Path staged = Files.createDirectory(root.resolve("staged"));
            Files.createSymbolicLink(staged.resolve("l0"), secret);
            Path upper = Files.createDirectory(staged.resolve("upper"));
            Files.createDirectory(staged.resolve("work"));
            Files.createDirectories(root.resolve(staged.toString().substring(1)));
            Files.createSymbolicLink(root.resolve("data"), staged);
            Sandbox box = Sandbox.builder()
                    .rootfs(root)
                    .mount(new Mount.Overlay(List.of(Files.createDirectory(folder.resolve("layer"))), Path.of("/data")))
                    .build();

            assertThat(output(box, "/bin/sh", "-c", "cat /data/key; echo evil > /data/file; echo went on"))
                    .isEqualTo("went on\n");
            assertThat(upper).isEmptyDirectory();
        } finally {
            FileUtils.deleteDirectory(folder.toFile());
        }
    }

    @Test
    @AsPlainUser
    @KernelTest({Need.PLAIN_USER, Need.BUSYBOX, Need.OVERLAY})
    void aPlainUserMayHaveARootOfItsOwn(@TempDir Path folder) throws Exception {
        Path root = BusyboxRoot.copyTo(folder);

        for (Rootfs kind : List.of(
                new Rootfs.Directory(root, false, false),
                new Rootfs.Directory(root, true, false),
                new Rootfs.Directory(root, false, true))) {
            assertThat(output(Sandbox.builder().rootfs(kind).build(), "/bin/echo", "hello"))
                    .isEqualTo("hello\n");
        }
    }

    @Test
    void aFileOnStandardInputCanBeReadAndNothingElse(@TempDir Path folder) throws Exception {
        standardInputIsOnlyRead(folder);
    }

    @Test
    @AsPlainUser
    @KernelTest(Need.PLAIN_USER)
    void aPlainUsersFileOnStandardInputCanBeReadAndNothingElse(@TempDir Path folder) throws Exception {
        standardInputIsOnlyRead(folder);
    }

    /** The descriptor is open for reading, but /proc/self/fd opens its file again, with the rights of the id inside. */
    private static void standardInputIsOnlyRead(Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("input"), "host");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        Stdio input = new Stdio.File(file, false);
        String write = "echo evil > /proc/self/fd/0; chmod 777 /proc/self/fd/0; true";

        assertThat(sandbox()
                        .build()
                        .run(Command.builder("/bin/cat").stdin(input).build())
                        .out())
                .isEqualTo("host");
        sandbox()
                .build()
                .run(Command.builder("/bin/sh", "-c", write).stdin(input).build());
        try (SandboxProcess started = sandbox()
                .build()
                .start(Command.builder("/bin/sh", "-c", write).stdin(input).build())) {
            started.result();
        }
        assertThat(file).hasContent("host");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-rw-");
    }

    @Test
    @KernelTest({Need.ROOT, Need.IDMAP_HERE})
    void cve_2024_42472_aSourceThatAnEarlierSandboxReplacedByALinkIsRefused(@TempDir Path folder) throws Exception {
        aReplacedSourceIsRefused(folder);
    }

    @Test
    @AsPlainUser
    @KernelTest(Need.PLAIN_USER)
    void cve_2024_42472_aPlainUsersSourceThatWasReplacedByALinkIsRefused(@TempDir Path folder) throws Exception {
        aReplacedSourceIsRefused(folder);
    }

    private static void aReplacedSourceIsRefused(Path folder) throws Exception {
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Path job = Files.createDirectory(folder.resolve("job"));
        Path out = Files.createDirectory(job.resolve("out"));
        Path deep = Files.createDirectory(out.resolve("deep"));
        Files.createDirectory(secret.resolve("deep"));
        Path trusted = Files.createSymbolicLink(folder.resolve("trusted"), deep);
        assertThat(output(sandbox().bindReadOnly(trusted, Path.of("/data")).build(), "/bin/ls", "/data"))
                .isEmpty();
        output(sandbox().workspace(job).build(), "/bin/sh", "-c", "rm -r out; ln -s " + secret + " out");

        for (Sandbox.Builder box : List.of(
                sandbox().bindReadOnly(out, Path.of("/data")),
                sandbox().bindReadOnly(deep, Path.of("/data")),
                sandbox().bindReadOnly(trusted, Path.of("/data")),
                sandbox().mount(new Mount.Overlay(List.of(out), Path.of("/data"))),
                sandbox().rootfs(out),
                sandbox().workspace(out))) {
            assertThatThrownBy(() -> box.build().run("/bin/true"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("symbolic link");
        }
    }

    @Test
    @KernelTest({Need.ROOT, Need.IDMAP_HERE})
    void cve_2024_42472_aSourceThatFlipsWhileItIsOpenedShowsNothingElse(@TempDir Path folder) throws Exception {
        aFlippingSourceShowsNothingElse(folder);
    }

    @Test
    @AsPlainUser
    @KernelTest(Need.PLAIN_USER)
    void cve_2024_42472_aPlainUsersSourceThatFlipsShowsNothingElse(@TempDir Path folder) throws Exception {
        aFlippingSourceShowsNothingElse(folder);
    }

    private static void aFlippingSourceShowsNothingElse(Path folder) throws Exception {
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Files.writeString(secret.resolve("key"), "host");
        Path job = Files.createDirectory(folder.resolve("job"));
        Path out = Files.createDirectory(job.resolve("out"));
        String flip = "echo flips; while :; do rmdir out; ln -s " + secret + " out; rm out; mkdir out; done";
        Sandbox victim = sandbox().bindReadOnly(out, Path.of("/data")).build();
        int shown = 0;
        try (SandboxProcess flipper = sandbox().workspace(job).build().start("/bin/sh", "-c", flip)) {
            awaitLine(flipper, "flips");
            for (int i = 0; i < ROUNDS; i++) {
                try {
                    shown += victim.run("/bin/cat", "/data/key").exitStatus() == 0 ? 1 : 0;
                } catch (SandboxException refused) {
                    assertThat(refused.target()).contains(out.toString());
                }
            }
        }
        assertThat(shown).as("launches in which the program saw the host's key").isZero();
    }
}
