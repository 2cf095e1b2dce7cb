// SPDX-License-Identifier: Apache-2.0
package dev.hutch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hutch.Sandbox;
import dev.hutch.spec.Device;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Mount;
import dev.hutch.spec.Rootfs;
import dev.hutch.spec.Size;
import dev.hutch.support.BusyboxRoot;
import dev.hutch.support.Inside;
import dev.hutch.support.KernelTest;
import dev.hutch.support.MountLine;
import dev.hutch.support.Need;
import dev.hutch.support.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest({Need.USER_NAMESPACES, Need.GCC})
class MountKernelTest extends SandboxCase {
    @Test
    void everyMountIsPrivateAndWithoutSetIdPrograms() throws Exception {
        assertThat(report(probed().build()).mounts()).allSatisfy(mount -> {
            assertThat(mount.isPrivate()).as("private: %s", mount).isTrue();
            if (!mount.root().equals("/null")) {
                assertThat(mount.options()).as("%s", mount).contains("nosuid");
            }
        });
    }

    @Test
    @KernelTest(Need.BUSYBOX)
    void whatNothingButTheDiskBoundsIsListed(@TempDir Path folder, @TempDir Path other) throws Exception {
        Path root = BusyboxRoot.copyTo(folder);
        Sandbox.Builder bare = sandbox().rootfs(new Rootfs.Directory(root, true, false));

        assertThat(unbounded(bare)).isEmpty();
        assertThat(unbounded(bare.bindReadOnly(other, Path.of("/tmp/data")))).isEmpty();
        assertThat(unbounded(sandbox().rootfs(new Rootfs.Directory(root, false, false))))
                .contains(root.toString());
        assertThat(unbounded(sandbox().bind(other, Path.of("/tmp/data")))).contains(other.toString());
        assertThat(unbounded(sandbox().bind(folder, Path.of("/tmp/data")).workspace(other)))
                .contains(other.toString(), folder.toString());
    }

    /** The one line of the result that says so, empty where there is none. */
    private static String unbounded(Sandbox.Builder box) throws Exception {
        return box.build().run("/bin/true").enforced().stream()
                .filter(wall -> wall.name().equals("disk-space"))
                .map(Enforced::toString)
                .collect(Collectors.joining());
    }

    @Test
    void nothingOfTheOldRootIsLeft() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.mounts()).noneMatch(mount -> mount.mountPoint().startsWith("/work"));
        assertThat(answer(probed().build(), "climb:/etc/shadow")).isIn("ENOENT", "EACCES");
        assertThat(answer(probed().build(), "read:/etc/shadow")).isIn("ENOENT", "EACCES");
    }

    @Test
    void theHostsProgramsAreReadOnly() throws Exception {
        Sandbox box = probed().build();

        for (String path : List.of("/usr/probe", "/bin/probe", "/etc/probe", "/probe", "/dev/probe")) {
            assertThat(answer(box, "create:" + path)).as(path).isIn("EROFS", "EACCES", "EPERM");
        }
        assertThat(report(box).mount("/usr").isReadOnly()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/dev/shm", "/home/user"})
    void theProgramsOwnPlacesAreWritable(String folder) throws Exception {
        assertThat(answer(probed().build(), "create:" + folder + "/file")).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/sysrq-trigger",
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/vm/drop_caches",
                "/proc/irq/default_smp_affinity",
                "/proc/acpi",
                "/proc/kcore",
                "/proc/keys",
                "/proc/timer_list",
                "/sys/kernel/uevent_helper",
                "/sys/power/state",
                "/sys/fs/cgroup/cgroup.procs"
            })
    void theKernelsFilesAreMaskedOrReadOnly(String path) throws Exception {
        String written = answer(probed().build(), "write:" + path);

        // A masked file is the null device, which takes writes and passes none on.
        assertThat(written.equals("ok") ? answer(probed().build(), "read:" + path) : written)
                .isIn("EROFS", "EACCES", "EPERM", "ENOENT", "EISDIR", "ENODATA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/1/environ", "/proc/1/mem"})
    void whatTellsOfTheHostCannotBeRead(String path) throws Exception {
        assertThat(answer(probed().build(), "read:" + path)).isIn("ENODATA", "EACCES", "EPERM", "ENOENT");
    }

    @Test
    void theDevicesAreTheHarmlessOnes() throws Exception {
        assertThat(output(probed().build(), "/bin/ls", "/dev").lines())
                .contains("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin")
                .doesNotContain("mem", "kmsg", "port", "kvm", "vda", "sda", "fuse");
    }

    @Test
    void newPseudoTerminalsAndDeviceLinksWork() throws Exception {
        assertThat(answer(probed().build(), "open:/dev/ptmx")).isEqualTo("ok");
        assertThat(output(probed().build(), "/bin/sh", "-c", "echo out > /dev/stdout; head -c 3 /dev/zero | wc -c"))
                .isEqualTo("out\n3\n");
    }

    @Test
    void aDeviceAskedForIsThereAndWorks() throws Exception {
        Sandbox box = probed().device(new Device(Path.of("/dev/zero"), Path.of("/dev/nothing"), false))
                .build();

        assertThat(output(box, "/bin/sh", "-c", "head -c 4 /dev/nothing | od -An -tx1"))
                .isEqualTo(" 00 00 00 00\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mknod_null", "mknod_mem", "mknod_disk"})
    void deviceNodesCannotBeMade(String deed) throws Exception {
        assertThat(answer(probed().build(), deed)).isEqualTo("EPERM");
    }

    @Test
    @KernelTest({Need.ROOT, Need.BUSYBOX})
    void aReadOnlyRootStaysAsItIs() throws Exception {
        Sandbox box = busybox().build();

        assertThat(output(box, "/bin/cat", "/etc/hostname-of-the-image")).isEqualTo("busybox\n");
        assertThat(box.run("/bin/sh", "-c", "echo x > /etc/new").exitStatus()).isNotZero();
        assertThat(box.run("/bin/sh", "-c", "echo x > /tmp/new").exitStatus()).isZero();
    }

    @Test
    @KernelTest({Need.ROOT, Need.BUSYBOX, Need.OVERLAY, Need.IDMAP_HERE})
    void changesToAnEphemeralRootAreThrownAway(@TempDir Path folder) throws Exception {
        Path root = dev.hutch.support.BusyboxRoot.copyTo(folder);
        Sandbox box = sandbox()
                .rootfs(new Rootfs.Directory(root, false, true))
                .user(dev.hutch.spec.User.of(0))
                .build();

        assertThat(output(box, "/bin/sh", "-c", "echo changed > /etc/new && cat /etc/new"))
                .isEqualTo("changed\n");
        assertThat(root.resolve("etc/new")).doesNotExist();
        assertThat(unbounded(box.toBuilder())).as("they were in memory").isEmpty();
    }

    @Test
    @KernelTest({Need.ROOT, Need.DEBIAN_ROOT})
    void aDebianRootRunsItsOwnPrograms() throws Exception {
        assertThat(output(
                        in(dev.hutch.support.DebianRoot.path()).build(), "/bin/bash", "-c", "cat /etc/debian_version"))
                .startsWith("12");
    }

    @Test
    void aBoundFolderIsSeenAndReadOnlyWhereAsked(@TempDir Path folder) throws Exception {
        open(folder);
        Files.writeString(folder.resolve("file"), "content\n");
        Sandbox box =
                probed().mount(new Mount.Bind(folder, Path.of("/data"), true)).build();

        assertThat(output(box, "/bin/cat", "/data/file")).isEqualTo("content\n");
        assertThat(answer(box, "create:/data/new")).isEqualTo("EROFS");
    }

    @Test
    @KernelTest(Need.ROOT)
    void readOnlyReachesTheMountsBelowABoundFolder(@TempDir Path folder) throws Exception {
        open(folder);
        Path below = Files.createDirectory(folder.resolve("below"));
        Tool.run("mount", "-t", "tmpfs", "-o", "mode=777", "none", below.toString());
        try {
            Sandbox box = probed().mount(new Mount.Bind(folder, Path.of("/data"), true))
                    .build();

            assertThat(answer(box, "create:/data/below/new")).isEqualTo("EROFS");
        } finally {
            Tool.run("umount", below.toString());
        }
    }

    @Test
    void mountsAreMadeInTheOrderGiven(@TempDir Path folder) throws Exception {
        open(folder);
        Files.writeString(folder.resolve("file"), "inner\n");
        Sandbox box = probed().mount(new Mount.Tmpfs(Path.of("/data"), Size.mebibytes(1), 01777))
                .mount(new Mount.Bind(folder, Path.of("/data/deep/inner"), true))
                .build();

        assertThat(output(box, "/bin/sh", "-c", "cat /data/deep/inner/file; touch /data/x && ls /data"))
                .isEqualTo("inner\ndeep\nx\n");
    }

    @Test
    void aTmpfsHoldsNoMoreThanItsSize() throws Exception {
        Sandbox box = probed().tmpfs(Path.of("/small"), Size.mebibytes(1)).build();

        assertThat(box.run("/bin/sh", "-c", "head -c 2000000 /dev/zero > /small/file")
                        .exitStatus())
                .isNotZero();
        assertThat(box.run("/bin/sh", "-c", "head -c 900000 /dev/zero > /small/file")
                        .exitStatus())
                .isZero();
    }

    @Test
    @KernelTest(Need.CGROUP_ANY)
    void theControlGroupsShownAreTheContainersOwnAndReadOnly() throws Exception {
        Inside seen = report(probed().build());

        assertThat(seen.mounts())
                .filteredOn(mount -> mount.type().startsWith("cgroup"))
                .isNotEmpty()
                .allMatch(MountLine::isReadOnly)
                .allMatch(mount -> mount.root().equals("/"));
    }

    @Test
    @KernelTest(Need.ROOT)
    void theHostsMountsAreAsBefore() throws Exception {
        List<String> before = Files.readAllLines(Path.of("/proc/self/mountinfo"));

        report(probed().build());

        assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(before);
    }

    /** Temporary folders are closed to others, which the ids inside are to it. */
    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
