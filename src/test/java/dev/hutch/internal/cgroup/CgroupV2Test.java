// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.Pressure;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupV2Test {
    private static final String C = "hutch/jvm-1/box-1";

    @TempDir
    private Path root;

    private TestMachine machine;
    private Cgroups cgroups;

    @BeforeEach
    void aMachineWithTheJvmInAService() {
        machine = TestMachine.v2(root, "/system/service");
        cgroups = machine.cgroups();
    }

    private ContainerCgroup create(Limits limits) throws SandboxException {
        return cgroups.create("box", limits, CgroupOptions.DEFAULT);
    }

    private static Enforced named(ContainerCgroup container, String name) {
        return container.enforced().stream()
                .filter(line -> line.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theFirstContainerPassesTheControllersDownAndTheSecondNeedsNone() throws Exception {
        create(Limits.builder().pids(64).build());
        assertThat(machine.takeWrites())
                .filteredOn(write -> write.contains("subtree_control"))
                .extracting(write -> write.substring(0, write.indexOf('=')))
                .containsExactly(
                        "cgroup.subtree_control", "hutch/cgroup.subtree_control", "hutch/jvm-1/cgroup.subtree_control");
        cgroups.create("next", Limits.builder().pids(64).build(), CgroupOptions.DEFAULT);
        assertThat(machine.takeWrites())
                .containsExactly(
                        "hutch/jvm-1/next-2/memory.max=1073741824",
                        "hutch/jvm-1/next-2/memory.swap.max=0",
                        "hutch/jvm-1/next-2/cpu.weight=34",
                        "hutch/jvm-1/next-2/pids.max=64",
                        "hutch/jvm-1/next-2/io.weight=405");
    }

    @Test
    void aParentThatPassesControllersOnAlreadyIsNotTouched() throws Exception {
        machine.content("cgroup.subtree_control", "cpu io memory pids\n");
        create(Limits.defaults());
        assertThat(machine.takeWrites()).noneMatch(write -> write.startsWith("cgroup.subtree_control"));
    }

    @Test
    void theCgroupThatTheJvmRunsInIsNotChangedByDefault() throws Exception {
        machine = TestMachine.v2(root.resolve("other"), "/");
        cgroups = machine.cgroups();
        ContainerCgroup container = create(Limits.defaults());
        assertThat(machine.takeWrites()).noneMatch(write -> write.contains("subtree_control"));
        assertThat(named(container, "memory").reason())
                .contains("this JVM runs there")
                .contains("leaf");
        assertThatThrownBy(
                        () -> cgroups.create("asked", Limits.builder().pids(5).build(), CgroupOptions.DEFAULT))
                .hasMessageContaining("pids-limit");
        assertThat(machine.directories("asked-2")).isEmpty();
    }

    @Test
    void swapIsWhatExceedsMemory() throws Exception {
        ContainerCgroup container = create(Limits.builder()
                .memory(Size.mebibytes(64))
                .memorySwap(Size.mebibytes(96))
                .build());
        assertThat(named(container, "memory-swap").value()).isEqualTo("33554432");
        machine.takeWrites();
        container.update(Limits.builder().memory(Size.mebibytes(96)).build());
        assertThat(machine.takeWrites()).containsExactly(C + "/memory.max=100663296", C + "/memory.swap.max=0");
    }

    @Test
    void bfqsFileIsTakenWhereItIs() throws Exception {
        create(Limits.defaults());
        machine.files.controlFiles(
                root,
                Map.of(
                        "io.bfq.weight",
                        "",
                        "io.weight",
                        "",
                        "memory.max",
                        "",
                        "memory.swap.max",
                        "",
                        "cpu.weight",
                        "",
                        "pids.max",
                        ""));
        assertThat(named(cgroups.create("bfq", Limits.defaults(), CgroupOptions.DEFAULT), "io-weight")
                        .value())
                .isEqualTo("50");
    }

    @Test
    void cpusAreAQuotaOfAPeriodAndLiftedByMax() throws Exception {
        ContainerCgroup container = create(Limits.builder().cpus(0.25).build());
        assertThat(named(container, "cpus").value()).isEqualTo("25000 100000");
        container.update(Limits.defaults());
        assertThat(named(container, "cpus").value()).isEqualTo("max 100000");
    }

    @Test
    void processorsThatTheParentHasNotAreAnErrorAlthoughTheKernelTakesThem() throws Exception {
        machine.files.text(root + "/" + C + "/cpuset.cpus.effective", "0-1\n");
        ContainerCgroup container = create(Limits.builder().cpusetCpus("0,1").build());
        assertThat(named(container, "cpuset-cpus").value()).isEqualTo("0-1");
        machine.files.text(root + "/hutch/jvm-1/box-2/cpuset.cpus.effective", "0-1\n");
        assertThatThrownBy(() -> create(Limits.builder().cpusetCpus("0-4").build()))
                .hasMessageContaining("the parent cgroup allows only 0-1");
    }

    @Test
    void aPlainUsersPlaceIsTheTopmostOneThatMayBeWritten() throws Exception {
        machine.files.failing(root + "/cgroup.procs", Errno.EACCES);
        assertThat(create(Limits.defaults()).directories()).containsEntry("unified", root + "/system/" + C);
        assertThat(machine.files.opened()).isEmpty();
    }

    @Test
    void whereNothingMayBeWrittenDefaultsAreListedAndAskedLimitsFail() throws Exception {
        machine.files.failing("cgroup.procs", Errno.EACCES);
        ContainerCgroup container = create(Limits.defaults());
        assertThat(container.openDirectory()).isEmpty();
        assertThat(container.openProcs()).isEmpty();
        assertThat(container.openKill()).isEmpty();
        assertThat(container.enforced()).hasSize(5).noneMatch(Enforced::enforced);
        assertThat(named(container, "pids-limit").reason()).contains("Delegate=yes");
        container.kill(pid -> {});
        container.remove();
        assertThatThrownBy(
                        () -> create(Limits.builder().memory(Size.mebibytes(9)).build()))
                .hasMessageContaining("limit memory to 9437184")
                .hasMessageContaining("Delegate=yes");
    }

    @Test
    void withoutAnyCgroupFileSystemNothingIsEnforced() throws Exception {
        machine = new TestMachine(root.resolve("bare"));
        cgroups = machine.cgroups();
        assertThat(cgroups.version()).isEqualTo(CgroupVersion.NONE);
        assertThat(create(Limits.defaults()).enforced()).noneMatch(Enforced::enforced);
        cgroups.close();
    }

    @Test
    void selfFailsWithTheCureWhileProcessesRunThere() {
        machine.files.failingCalls("write", "system/service/cgroup.subtree_control", Errno.EBUSY, 1);
        CgroupOptions self = CgroupOptions.DEFAULT.withParent(new CgroupParent.Self());
        assertThatThrownBy(() -> cgroups.create("box", Limits.defaults(), self))
                .hasMessageContaining("EBUSY")
                .hasMessageContaining("processes run there")
                .hasMessageContaining("leaf");
    }

    @Test
    void onRequestTheJvmMovesIntoALeafAndKeepsItsFolderTillItEnds() throws Exception {
        machine.moveIntoLeaf = true;
        cgroups = machine.cgroups(new CgroupParent.Self());
        machine.files.failingCalls("write", "system/service/cgroup.subtree_control", Errno.EBUSY, 1);
        ContainerCgroup container = create(Limits.defaults());
        assertThat(machine.takeWrites()).startsWith("system/service/hutch/jvm-1/self/cgroup.procs=0");
        container.remove();
        cgroups.close();
        assertThat(machine.directories("self")).hasSize(1);
        assertThat(machine.recordClosed()).isFalse();
    }

    @Test
    void theJvmMovesBackWhereOtherProcessesKeepTheParentBusy() throws Exception {
        machine.moveIntoLeaf = true;
        cgroups = machine.cgroups(new CgroupParent.Self());
        machine.files.failingCalls("write", "system/service/cgroup.subtree_control", Errno.EBUSY, 2);
        assertThatThrownBy(() -> create(Limits.defaults())).hasMessageContaining("other processes than this JVM");
        assertThat(machine.takeWrites())
                .containsExactly("system/service/hutch/jvm-1/self/cgroup.procs=0", "system/service/cgroup.procs=0");
        assertThat(machine.directories("self")).isEmpty();
        cgroups.close();
        assertThat(machine.directories("hutch")).isEmpty();
    }

    @Test
    void aNamedParentThatIsMissingIsAnErrorWithTheCure() {
        CgroupOptions below = CgroupOptions.DEFAULT.withParent(new CgroupParent.Below(Path.of("/nowhere")));
        assertThatThrownBy(() -> cgroups.create("box", Limits.defaults(), below))
                .hasMessageContaining("/nowhere/hutch: ENOENT")
                .hasMessageContaining("make it first");
    }

    @Test
    void usageIsReadFromTheCounters() throws Exception {
        ContainerCgroup container = create(Limits.builder().pids(64).build());
        machine.content(C + "/cpu.stat", "usage_usec 400\nuser_usec 300\nsystem_usec 100\nnr_periods 0\n");
        machine.content(C + "/memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\noom_group_kill 0\n");
        machine.content(C + "/memory.peak", "8192\n");
        machine.content(C + "/pids.peak", "64\n");
        machine.content(C + "/pids.events", "max 4\n");
        machine.content(C + "/io.stat", "254:0 rbytes=10 wbytes=5 rios=1\n8:0 rbytes=20 wbytes=0\n");
        assertThat(container.usage())
                .isEqualTo(new CgroupUsage(
                        true,
                        micros(400),
                        micros(300),
                        micros(100),
                        8192,
                        1,
                        2,
                        64,
                        4,
                        OptionalLong.of(30),
                        OptionalLong.of(5)));
        assertThat(container.cpuNanos()).isEqualTo(400_000);
    }

    @Test
    void limitEventsAreTheContainersOwn() throws Exception {
        ContainerCgroup container = create(Limits.builder().pids(64).build());
        machine.content(C + "/memory.events", "oom 1\noom_kill 2\noom_group_kill 0\n");
        machine.content(C + "/pids.events", "max 4\n");
        machine.content(C + "/pids.peak", "63\n");
        assertThat(container.limitEvents())
                .as("forks refused by an ancestor's limit")
                .isEqualTo(new LimitEvents(2, 0));
        machine.content(C + "/pids.peak", "64\n");
        assertThat(container.limitEvents()).isEqualTo(new LimitEvents(2, 4));
    }

    @Test
    void countersThatThisKernelLacksAreZeroAndNotLookedForAgain() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        assertThat(container.usage()).isEqualTo(CgroupUsage.NOTHING);
        machine.files.reads().clear();
        container.usage();
        assertThat(machine.files.reads()).isEmpty();
    }

    @Test
    void aCgroupThatIsGoneIsAnErrorAndNotALackOfCounters() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        container.remove();
        assertThatThrownBy(container::usage).hasMessageContaining("ENOENT");
    }

    @Test
    void whatIsUsedNowAddsUpTheDevicesAndLeavesOutTheSetUp() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content(C + "/cpu.stat", "usage_usec 5000\nuser_usec 4000\nsystem_usec 1000\n");
        machine.content(C + "/memory.current", "77\n");
        machine.content(C + "/memory.peak", "99\n");
        machine.content(C + "/pids.current", "2\n");
        machine.content(C + "/io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=5 wbytes=1 rios=9\n");
        machine.content(
                C + "/cpu.pressure",
                "some avg10=1.50 avg60=0.25 avg300=0.00 total=1234\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=7\n");
        machine.files.failing("memory.pressure", Errno.EOPNOTSUPP);

        assertThat(container.current(1_000_000))
                .isEqualTo(new Usage(
                        Optional.of(micros(4000)),
                        Optional.of(micros(3200)),
                        Optional.of(micros(800)),
                        OptionalLong.of(77),
                        OptionalLong.of(99),
                        OptionalLong.of(2),
                        OptionalLong.empty(),
                        OptionalLong.of(15),
                        OptionalLong.of(21),
                        Optional.of(new Pressure(
                                new Pressure.Stall(1.5, 0.25, 0, micros(1234)),
                                new Pressure.Stall(0.5, 0, 0, micros(7)))),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void whatTheKernelDoesNotTellIsEmptyAndNotZero() throws Exception {
        assertThat(create(Limits.defaults()).current(0)).isEqualTo(Usage.NONE);
    }

    private static Duration micros(long count) {
        return Duration.ofNanos(1000 * count);
    }
}
