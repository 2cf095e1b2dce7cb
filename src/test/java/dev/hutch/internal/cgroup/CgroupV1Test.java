// SPDX-License-Identifier: Apache-2.0
package dev.hutch.internal.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hutch.spec.CgroupParent;
import dev.hutch.spec.Device;
import dev.hutch.spec.DeviceThrottle;
import dev.hutch.spec.Enforced;
import dev.hutch.spec.Errno;
import dev.hutch.spec.Limits;
import dev.hutch.spec.SandboxException;
import dev.hutch.spec.Size;
import dev.hutch.spec.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupV1Test {
    private static final String C = "hutch/jvm-1/box-1";

    @TempDir
    private Path root;

    private TestMachine machine;
    private Cgroups cgroups;

    @BeforeEach
    void aMachineWithAllControllers() {
        machine = TestMachine.v1(root);
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
    void whatIsMountedTogetherIsNamedTogether() throws Exception {
        assertThat(create(Limits.defaults()).hierarchies())
                .containsExactly("cpuset", "memory", "cpu,cpuacct", "pids", "blkio");
    }

    @Test
    void aDefaultContainerCostsFourDirectoriesAndFiveWrites() throws Exception {
        create(Limits.builder().pids(64).build());
        assertThat(machine.directories("box-1"))
                .containsExactly("blkio/" + C, "cpu,cpuacct/" + C, "memory/" + C, "pids/" + C);
        assertThat(machine.takeWrites())
                .filteredOn(write -> write.contains(C))
                .containsExactly(
                        "memory/" + C + "/memory.limit_in_bytes=1073741824",
                        "memory/" + C + "/memory.memsw.limit_in_bytes=1073741824",
                        "cpu,cpuacct/" + C + "/cpu.shares=256",
                        "pids/" + C + "/pids.max=64",
                        "blkio/" + C + "/blkio.bfq.weight=50");
        assertThat(machine.files.reads()).filteredOn(read -> read.contains(C)).isEmpty();
    }

    @Test
    void whatWasWrittenIsListedAsEnforced() throws Exception {
        assertThat(create(Limits.builder().pids(7).build()).enforced())
                .contains(Enforced.yes("memory", "1073741824"), Enforced.yes("pids-limit", "7"))
                .allMatch(Enforced::enforced);
    }

    @Test
    void anAskedLimitThatIsRefusedNamesFileErrnoAndCureAndLeavesNothing() {
        machine.files.failing("pids.max", Errno.EINVAL);
        assertThatThrownBy(() -> create(Limits.builder().pids(7).build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("write 7 to " + root + "/pids/" + C + "/pids.max: EINVAL");
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void aDefaultLimitThatIsRefusedIsListedWithTheReason() throws Exception {
        machine.files.failing("cpu.shares", Errno.EACCES);
        Enforced shares = named(create(Limits.defaults()), "cpu-shares");
        assertThat(shares.enforced()).isFalse();
        assertThat(shares.reason()).contains("cpu.shares").contains("EACCES");
    }

    @Test
    void strictMakesADefaultThatIsRefusedAnError() {
        machine.files.failing("cpu.shares", Errno.EACCES);
        assertThatThrownBy(() -> cgroups.create("box", Limits.defaults(), CgroupOptions.DEFAULT.withStrict(true)))
                .hasMessageContaining("cpu.shares");
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void withoutAnIoWeightFileTheDefaultIsListedAndLaterContainersAreSparedTheDirectory() throws Exception {
        machine.files.failing("weight", Errno.ENOENT);
        ContainerCgroup first = create(Limits.defaults());
        assertThat(named(first, "io-weight").reason()).contains("neither blkio.bfq.weight nor blkio.weight");
        ContainerCgroup second = cgroups.create("next", Limits.defaults(), CgroupOptions.DEFAULT);
        assertThat(named(second, "io-weight").enforced()).isFalse();
        assertThat(second.directories()).doesNotContainKey("blkio");
        assertThatThrownBy(() ->
                        cgroups.create("asked", Limits.builder().ioWeight(100).build(), CgroupOptions.DEFAULT))
                .hasMessageContaining("io-weight")
                .hasMessageContaining("modprobe bfq");
    }

    @Test
    void swapIsNotCountedWhereTheKernelHasNoFile() throws Exception {
        machine.files.failing("memory.memsw.limit_in_bytes", Errno.ENOENT);
        assertThat(named(create(Limits.defaults()), "memory-swap").reason()).contains("swapaccount=1");
    }

    @Test
    void kernelMemoryIsWrittenWhereTheKernelHonoursItAndReadBack() throws Exception {
        Map<String, String> files = new HashMap<>(TestMachine.MEMORY_V1);
        files.put("memory.kmem.limit_in_bytes", "9223372036854771712\n");
        machine.files.controlFiles(root.resolve("memory"), files);
        assertThat(named(create(Limits.defaults()), "kernel-memory").value()).isEqualTo("1073741824");
    }

    @Test
    void kernelMemoryCountsWithinMemoryWhereTheFileIsGone() throws Exception {
        assertThat(named(create(Limits.defaults()), "kernel-memory").value()).isEqualTo("within memory");
        cgroups.create("next", Limits.defaults(), CgroupOptions.DEFAULT);
        assertThat(machine.takeWrites()).noneMatch(write -> write.contains("kmem"));
    }

    @Test
    void raisingMemoryWritesTheSumWithSwapFirstAndLoweringWritesItLast() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.takeWrites();
        container.update(Limits.builder().memory(Size.gibibytes(2)).build());
        assertThat(machine.takeWrites())
                .containsExactly(
                        "memory/" + C + "/memory.memsw.limit_in_bytes=2147483648",
                        "memory/" + C + "/memory.limit_in_bytes=2147483648");
        container.update(Limits.builder().memory(Size.mebibytes(64)).build());
        assertThat(machine.takeWrites())
                .containsExactly(
                        "memory/" + C + "/memory.limit_in_bytes=67108864",
                        "memory/" + C + "/memory.memsw.limit_in_bytes=67108864");
    }

    @Test
    void updateWritesOnlyWhatChanges() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.takeWrites();
        container.update(Limits.defaults());
        assertThat(machine.takeWrites()).isEmpty();
        container.update(Limits.builder().cpus(1.5).build());
        container.update(Limits.defaults());
        assertThat(machine.takeWrites())
                .containsExactly(
                        "cpu,cpuacct/" + C + "/cpu.cfs_quota_us=150000", "cpu,cpuacct/" + C + "/cpu.cfs_quota_us=-1");
    }

    @Test
    void tasksIsOpenedOnceForControllersThatAreMountedTogether() throws Exception {
        assertThat(create(Limits.defaults()).openTasks()).hasSize(5);
        assertThat(machine.files.opened())
                .filteredOn(path -> path.endsWith("/box-1/tasks"))
                .hasSize(4);
    }

    @Test
    void theCpusetThatNobodyAskedForIsTheJvmsOwnAndStays() throws Exception {
        ContainerCgroup container = create(Limits.defaults());

        assertThat(container.directories().get("cpuset")).endsWith("cpuset/hutch/jvm-1");
        assertThat(container.openTasks()).hasSize(5);
        assertThat(machine.files.opened()).anyMatch(path -> path.endsWith("cpuset/hutch/jvm-1/tasks"));
        container.remove();
        assertThat(machine.directories("jvm-1")).contains("cpuset/hutch/jvm-1");
    }

    @Test
    void aCpusetThatNobodyAskedForAndThatCantBeHadIsNoFailure() throws Exception {
        machine.files.failing("cpuset/hutch", Errno.EACCES);

        assertThat(create(Limits.defaults()).directories())
                .doesNotContainKey("cpuset")
                .containsKey("memory");
    }

    @Test
    void noDescriptorStaysOpenWhenOneOfTheTasksCantBeOpened() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.files.failing("blkio/" + C + "/tasks", Errno.EMFILE);
        assertThatThrownBy(container::openTasks).hasMessageContaining("EMFILE");
        assertThat(machine.files.opened()).isEmpty();
    }

    @Test
    void aPlainUsersContainerHasNoCgroupAndSaysSo() throws Exception {
        machine.files.failing("/hutch", Errno.EACCES);
        ContainerCgroup container = create(Limits.defaults());
        assertThat(container.directories()).isEmpty();
        assertThat(container.openTasks()).isEmpty();
        assertThat(container.usage()).isEqualTo(CgroupUsage.NOTHING);
        assertThat(container.enforced()).hasSize(5).noneMatch(Enforced::enforced);
        assertThat(named(container, "memory").reason()).contains("EACCES");
        container.remove();
    }

    @Test
    void aPlainUserWhoAskedForALimitIsToldTheReason() {
        machine.files.failing("/hutch", Errno.EACCES);
        assertThatThrownBy(
                        () -> create(Limits.builder().memory(Size.mebibytes(64)).build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("limit memory to 67108864")
                .hasMessageContaining("EACCES")
                .hasMessageContaining("run as root");
    }

    @Test
    void aNamedParentThatIsMissingIsAnErrorAlsoForDefaults() {
        cgroups = machine.cgroups(new CgroupParent.Below(Path.of("/builds")));
        assertThatThrownBy(() -> create(Limits.defaults()))
                .hasMessageContaining("memory/builds/hutch")
                .hasMessageContaining("must exist under each controller");
    }

    @Test
    void selfIsBelowTheJvmsOwnCgroup() throws Exception {
        for (String mount : List.of("memory", "cpu,cpuacct", "pids", "blkio")) {
            machine.make(root.resolve(mount + "/service"));
        }
        ContainerCgroup container =
                cgroups.create("box", Limits.defaults(), CgroupOptions.DEFAULT.withParent(new CgroupParent.Self()));
        assertThat(container.directories()).containsEntry("memory", root + "/memory/service/" + C);
    }

    @Test
    void usageIsReadFromTheCounters() throws Exception {
        ContainerCgroup container = create(Limits.builder().pids(64).build());
        machine.content("memory/" + C + "/memory.max_usage_in_bytes", "4096\n");
        machine.content("memory/" + C + "/memory.failcnt", "12\n");
        machine.content("memory/" + C + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        machine.content("cpu,cpuacct/" + C + "/cpuacct.usage", "400000000\n");
        machine.content("cpu,cpuacct/" + C + "/cpuacct.stat", "user 30\nsystem 10\n");
        machine.content("pids/" + C + "/pids.peak", "64\n");
        machine.content("pids/" + C + "/pids.events", "max 5\n");
        machine.content(
                "blkio/" + C + "/blkio.throttle.io_service_bytes",
                "254:0 Read 10\n254:0 Write 5\n254:0 Total 15\n8:0 Read 20\nTotal 35\n");
        assertThat(container.usage())
                .isEqualTo(new CgroupUsage(
                        true,
                        Duration.ofMillis(400),
                        Duration.ofMillis(300),
                        Duration.ofMillis(100),
                        4096,
                        12,
                        2,
                        64,
                        5,
                        OptionalLong.of(30),
                        OptionalLong.of(5)));
        assertThat(container.cpuNanos()).isEqualTo(400_000_000);
    }

    /** Newer kernels count no failure where memory and swap have one limit: both commands met it all the same. */
    @Test
    void twoCommandsThatMeetTheLimitInTurnHaveEachMetIt() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content("memory/" + C + "/memory.failcnt", "0\n");
        machine.content("memory/" + C + "/memory.memsw.failcnt", "0\n");
        machine.content("memory/" + C + "/memory.max_usage_in_bytes", "1073741824\n");
        machine.content("memory/" + C + "/memory.oom_control", "oom_kill 1\n");
        CgroupUsage first = container.usage();
        machine.content("memory/" + C + "/memory.oom_control", "oom_kill 2\n");

        assertThat(first.memoryLimitHits()).isPositive();
        assertThat(container.usage().since(first).memoryLimitHits()).isPositive();
    }

    @Test
    void limitEventsAreReadFromTheCounters() throws Exception {
        ContainerCgroup container = create(Limits.builder().pids(64).build());
        machine.content("memory/" + C + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        machine.content("pids/" + C + "/pids.peak", "64\n");
        machine.content("pids/" + C + "/pids.events", "max 5\n");
        assertThat(container.limitEvents()).isEqualTo(new LimitEvents(2, 5));
    }

    @Test
    void aDiskThatTheKernelDoesNotCountIsUnknown() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content("blkio/" + C + "/blkio.throttle.io_service_bytes", "Total 0\n");
        assertThat(container.usage().bytesRead()).isEmpty();
        assertThat(container.current(0).bytesWritten()).isEmpty();
    }

    /** Kernel 6.1 has lines of zeros, whatever was carried. */
    @Test
    void ofADirectionThatIsNotThrottledNothingCountedIsUnknown() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content("blkio/" + C + "/blkio.throttle.io_service_bytes", "7:0 Read 8\n7:0 Write 0\nTotal 8\n");

        assertThat(container.usage().bytesRead()).hasValue(8);
        assertThat(container.usage().bytesWritten()).isEmpty();
        assertThat(container.current(0).bytesWritten()).isEmpty();
    }

    @Test
    void whatMeansNothingWithoutAnotherCounterIsNotEvenRead() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content("memory/" + C + "/memory.failcnt", "12\n");
        machine.content("pids/" + C + "/pids.peak", "9\n");
        machine.content("pids/" + C + "/pids.events", "max 5\n");
        assertThat(container.usage().memoryLimitHits())
                .as("page cache, no kill")
                .isZero();
        assertThat(container.usage().pidsLimitHits()).as("an ancestor's limit").isZero();
        assertThat(machine.files.reads()).noneMatch(path -> path.endsWith("failcnt") || path.endsWith("pids.events"));
    }

    @Test
    void theUsualDeviceRulesAreWrittenOnceForAllContainers() throws Exception {
        CgroupOptions options = CgroupOptions.DEFAULT.withDevices(List.of());
        cgroups.create("box", Limits.defaults(), options);
        assertThat(machine.takeWrites())
                .filteredOn(write -> write.startsWith("devices"))
                .hasSize(9)
                .startsWith("devices/hutch/jvm-1/devices.deny=a", "devices/hutch/jvm-1/devices.allow=c 1:3 rwm");
        cgroups.create("next", Limits.defaults(), options);
        assertThat(machine.takeWrites()).noneMatch(write -> write.startsWith("devices"));
    }

    @Test
    void aDeviceOfOneContainersOwnIsAllowedToThatOneOnly() throws Exception {
        Device zero = Device.parse("/dev/zero:/dev/zero:r");
        cgroups.create("box", Limits.defaults(), CgroupOptions.DEFAULT.withDevices(List.of(zero)));
        assertThat(machine.takeWrites())
                .filteredOn(write -> write.startsWith("devices"))
                .hasSize(10)
                .startsWith("devices/hutch/jvm-1-devices/box-1/devices.deny=a")
                .endsWith("devices/hutch/jvm-1-devices/box-1/devices.allow=c 1:5 r");
    }

    @Test
    void packetsAreClassedOnEachInterfaceOfTheHosts() throws Exception {
        machine.controller("net_prio", Map.of("net_prio.ifpriomap", "lo 0\neth0 0\n"))
                .controller("net_cls", Map.of("net_cls.classid", "0\n"));
        machine.cgroups()
                .create("box", Limits.defaults(), CgroupOptions.DEFAULT.withNetwork(new NetworkClass(3, 0x10002)));

        assertThat(machine.takeWrites())
                .filteredOn(write -> write.startsWith("net_"))
                .containsExactly(
                        "net_prio/" + C + "/net_prio.ifpriomap=lo 3",
                        "net_prio/" + C + "/net_prio.ifpriomap=eth0 3",
                        "net_cls/" + C + "/net_cls.classid=65538");
    }

    @Test
    void aClassThatWasAskedForAndIsNotMountedIsAnErrorWithItsCure() {
        CgroupOptions options = CgroupOptions.DEFAULT.withNetwork(new NetworkClass(3, 0));

        assertThatThrownBy(() -> cgroups.create("box", Limits.defaults(), options))
                .hasMessageContaining("use cgroup controller net_prio: ")
                .hasMessageContaining("mount -t cgroup -o net_prio");
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void aThrottleOfSomethingThatIsNoDiskIsRefused() {
        DeviceThrottle onNull = new DeviceThrottle(Path.of("/dev/null"), DeviceThrottle.Kind.READ_BPS, 100);
        assertThatThrownBy(() -> create(Limits.builder().throttle(onNull).build()))
                .hasMessageContaining("limit /dev/null: it is not a block device");
        DeviceThrottle onFile = new DeviceThrottle(root, DeviceThrottle.Kind.READ_BPS, 100);
        assertThatThrownBy(() -> create(Limits.builder().throttle(onFile).build()))
                .hasMessageContaining("it is not a device");
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void aCpusetGetsTheParentsMemoryNodesOnTheWayDown() throws Exception {
        machine.content("cpuset/cpuset.cpus", "0-3\n");
        machine.content("cpuset/cpuset.mems", "0\n");
        create(Limits.builder().cpusetCpus("1").build());
        assertThat(machine.takeWrites())
                .filteredOn(write -> write.startsWith("cpuset"))
                .containsExactly(
                        "cpuset/hutch/cpuset.cpus=0-3",
                        "cpuset/hutch/cpuset.mems=0",
                        "cpuset/hutch/jvm-1/cpuset.cpus=0-3",
                        "cpuset/hutch/jvm-1/cpuset.mems=0",
                        "cpuset/" + C + "/cpuset.mems=0",
                        "cpuset/" + C + "/cpuset.cpus=1");
    }

    @Test
    void whatIsUsedNowIsReadFromEachHierarchyAndTheRestIsEmpty() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.content("cpu,cpuacct/" + C + "/cpuacct.usage", "5000\n");
        machine.content("cpu,cpuacct/" + C + "/cpuacct.stat", "user 3\nsystem 1\n");
        machine.content("memory/" + C + "/memory.usage_in_bytes", "77\n");
        machine.content("memory/" + C + "/memory.max_usage_in_bytes", "99\n");
        machine.content("pids/" + C + "/pids.current", "2\n");
        machine.content(
                "blkio/" + C + "/blkio.throttle.io_service_bytes",
                "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 5\nTotal 35\n");

        Usage now = container.current(1000);

        assertThat(now.cpu()).contains(Duration.ofNanos(4000));
        assertThat(now.user()).contains(Duration.ofNanos(3000));
        assertThat(now.system()).contains(Duration.ofNanos(1000));
        assertThat(now.memory()).hasValue(77);
        assertThat(now.peakMemory()).hasValue(99);
        assertThat(now.pids()).hasValue(2);
        assertThat(now.bytesRead()).hasValue(15);
        assertThat(now.bytesWritten()).hasValue(20);
        assertThat(now.memoryPressure()).isEmpty();
    }

    @Test
    void anUpdateThatIsRefusedNamesWhatWasAndPutsBackTheRest() throws Exception {
        ContainerCgroup container = create(Limits.builder().pids(7).build());
        machine.takeWrites();
        machine.files.failingCalls("write", "pids.max", Errno.EINVAL, 1);

        assertThatThrownBy(() -> container.update(
                        container.limits().toBuilder().cpuShares(512).pids(9).build()))
                .hasMessageContaining("write 9 to " + root + "/pids/" + C + "/pids.max: EINVAL");

        assertThat(machine.takeWrites())
                .containsExactly(
                        "cpu,cpuacct/" + C + "/cpu.shares=512",
                        "cpu,cpuacct/" + C + "/cpu.shares=256",
                        "pids/" + C + "/pids.max=7");
        assertThat(container.limits().pids()).isEqualTo(7);
        assertThat(named(container, "cpu-shares").value()).isEqualTo("256");
    }

    @Test
    void aDefaultThatHeldIsNotLostUnsaidInAnUpdate() throws Exception {
        ContainerCgroup container = create(Limits.builder().cpuShares(512).build());
        machine.files.failing("cpu.shares", Errno.EINVAL);

        assertThatThrownBy(() -> container.update(Limits.defaults())).hasMessageContaining("cpu.shares");
    }

    @Test
    void whatTheKernelTakesAndForgetsIsAnError() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.files.text(root + "/pids/" + C + "/pids.max", "64\n");

        assertThatThrownBy(() -> container.update(Limits.builder().pids(9).build()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("limit pids-limit to 9")
                .hasMessageContaining("holds 64");
    }

    @Test
    void onHybridKillAndFreezeComeFromAUnifiedDirectoryMadeOnlyWhenAsked() throws Exception {
        machine.unified("unified", "/", Map.of("cgroup.kill", "", "cgroup.freeze", ""));
        cgroups = machine.cgroups();
        assertThat(create(Limits.defaults()).openDirectory()).isEmpty();
        ContainerCgroup killable = cgroups.create("killable", Limits.defaults(), CgroupOptions.DEFAULT.withKill(true));
        assertThat(killable.openDirectory()).isPresent();
        assertThat(killable.openProcs()).isPresent();
        assertThat(killable.openKill()).isPresent();
        assertThat(killable.openTasks())
                .as("not the unified one, which has none")
                .hasSize(5);
        machine.takeWrites();
        killable.freeze(true);
        killable.kill(pid -> {
            throw new AssertionError("cgroup.kill needs no signals");
        });
        assertThat(machine.takeWrites())
                .containsExactly(
                        "unified/hutch/jvm-1/killable-2/cgroup.freeze=1",
                        "unified/hutch/jvm-1/killable-2/cgroup.kill=1");
    }

    @Test
    void killWithoutTheFileForbidsForksAndSignalsInRoundsUntilNobodyIsListed() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.takeWrites();
        String procs = "pids/" + C + "/cgroup.procs";
        machine.content(procs, "11\n0\n12\n");
        List<Integer> killed = new ArrayList<>();
        container.kill(pid -> {
            killed.add(pid);
            machine.content(procs, killed.size() == 3 ? "" : "12\n");
        });
        assertThat(killed).containsExactly(11, 12, 12);
        assertThat(machine.takeWrites()).containsExactly("pids/" + C + "/pids.max=0");
    }

    @Test
    void containersOfOneNameAndNamesWithSlashesGetDirectoriesOfTheirOwn() throws Exception {
        cgroups.create("../a b", Limits.defaults(), CgroupOptions.DEFAULT);
        ContainerCgroup second = cgroups.create("../a b", Limits.defaults(), CgroupOptions.DEFAULT);
        assertThat(second.directories()).containsEntry("memory", root + "/memory/hutch/jvm-1/___a_b-2");
    }

    @Test
    void removalWaitsWhileTheKernelLetsGo() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.files.failingTimes("memory/" + C, Errno.EBUSY, 5);
        container.remove();
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void removalTakesAwayWhatWasMadeBelow() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.make(root.resolve("pids/" + C + "/inner"));
        container.remove();
        assertThat(machine.directories("box-1")).isEmpty();
    }

    @Test
    void oneDirectoryThatCantBeRemovedKeepsNoOtherOne() throws Exception {
        ContainerCgroup container = create(Limits.defaults());
        machine.files.failing("memory/" + C, Errno.EPERM);
        assertThatThrownBy(container::remove).hasMessageContaining("EPERM");
        assertThat(machine.directories("box-1")).containsExactly("memory/" + C);
    }

    @Test
    void closeRemovesTheJvmsFoldersAndTheCommonTopIfItIsEmpty() throws Exception {
        create(Limits.defaults()).remove();
        machine.make(root.resolve("pids/hutch/jvm-of-another"));
        assertThat(machine.recorded()).contains("memory/hutch/jvm-1", "pids/hutch/jvm-1");
        cgroups.close();
        assertThat(machine.directories("hutch")).containsExactly("pids/hutch");
        assertThat(machine.directories("jvm-1")).isEmpty();
        assertThat(machine.recordClosed()).isTrue();
    }

    @Test
    void aTopRemovedByAnotherJvmBetweenTwoStepsIsMadeAgain() throws Exception {
        machine.files.failingTimes("memory/hutch/jvm-1", Errno.ENOENT, 2);
        assertThat(create(Limits.defaults()).directories()).containsKey("memory");
    }
}
