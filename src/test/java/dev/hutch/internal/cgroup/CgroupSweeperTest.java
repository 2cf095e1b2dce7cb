// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.internal.kernel.Kernel;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupSweeperTest {
    @TempDir
    private Path root;

    private TestMachine machine;
    private Kernel kernel;
    private Map<String, String> environment;
    private Path locks;
    private int jvms;

    @BeforeEach
    void aMachineWithARuntimeFolder() throws Exception {
        machine = TestMachine.v1(root.resolve("cg"));
        machine.mountsInProc();
        kernel = machine.files.asKernel();
        Files.createDirectory(root.resolve("run"));
        environment = Map.of("XDG_RUNTIME_DIR", root.resolve("run").toString());
        locks = root.resolve("run/hutch/cgroups");
    }

    /** A JVM's cgroups with one container, as if the JVM were another process: its name. */
    private String jvmWithAContainer() throws Exception {
        String uuid = "00000000-0000-0000-0000-00000000000" + ++jvms;
        machine.files.text("/proc/sys/kernel/random/uuid", uuid + "\n");
        Cgroups.open(kernel, environment, Optional.empty(), false)
                .create("box", Limits.defaults(), CgroupOptions.DEFAULT);
        return "jvm-00000000000" + jvms;
    }

    private int sweep() throws Exception {
        return new CgroupSweeper(kernel, environment).sweep();
    }

    @Test
    void aDeadJvmsDirectoriesAndItsLockFileAreRemoved() throws Exception {
        jvmWithAContainer();
        assertThat(sweep()).isEqualTo(1);
        assertThat(machine.directories("hutch")).isEmpty();
        assertThat(locks).isEmptyDirectory();
    }

    @Test
    void aLivingJvmIsNotTouched() throws Exception {
        machine.files.lockedByAnother(locks.resolve(jvmWithAContainer()).toString());
        String dead = jvmWithAContainer();
        assertThat(sweep()).isEqualTo(1);
        assertThat(machine.directories("box-1")).hasSize(4).noneMatch(path -> path.contains(dead));
        assertThat(locks.resolve("jvm-000000000001")).exists();
    }

    @Test
    void directoriesWithoutALockFileBelongToSomebodyElse() throws Exception {
        Files.delete(locks.resolve(jvmWithAContainer()));
        assertThat(sweep()).isZero();
        assertThat(machine.directories("box-1")).hasSize(4);
    }

    @Test
    void aLockFileThatNamesForeignDirectoriesRemovesNone() throws Exception {
        String name = jvmWithAContainer();
        Path outside = Files.createDirectories(root.resolve("precious/hutch/" + name));
        Path inside = root.resolve("cg/memory/service");
        machine.make(inside);
        Files.writeString(locks.resolve(name), outside + "\n" + inside + "\n" + root.resolve("cg/memory") + "\n");
        sweep();
        assertThat(outside).exists();
        assertThat(inside).exists();
    }

    @Test
    void whatCantBeRemovedKeepsItsLockFileForTheNextSweep() throws Exception {
        String name = jvmWithAContainer();
        machine.files.failing("memory/hutch/" + name, Errno.EPERM);
        assertThatThrownBy(this::sweep).hasMessageContaining("EPERM");
        assertThat(locks.resolve(name)).exists();
        machine.files.working("memory/hutch/" + name);
        assertThat(sweep()).isEqualTo(1);
        assertThat(machine.directories("hutch")).isEmpty();
    }

    @Test
    void noDescriptorStaysOpen() throws Exception {
        jvmWithAContainer();
        int before = machine.files.opened().size();
        sweep();
        assertThat(machine.files.opened()).hasSize(before);
    }

    @Test
    void closingRemovesTheLockFileWithTheDirectories() throws Exception {
        machine.files.text("/proc/sys/kernel/random/uuid", "00000000-0000-0000-0000-00000000000a\n");
        Cgroups cgroups = Cgroups.open(kernel, environment, Optional.empty(), false);
        assertThat(root.resolve("run/hutch")).as("made on first use").doesNotExist();
        cgroups.create("box", Limits.defaults(), CgroupOptions.DEFAULT).remove();
        assertThat(Files.readString(locks.resolve("jvm-00000000000a")))
                .contains(root + "/cg/memory/hutch/jvm-00000000000a\n");
        cgroups.close();
        assertThat(locks).isEmptyDirectory();
        assertThat(machine.files.opened()).isEmpty();
    }
}
